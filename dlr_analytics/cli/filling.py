"""A simulation on the real way into a data directory: over HTTP, into journals, into Parquet."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dlr_analytics.errors import DataError, DataFolderInUse, DlrError

if TYPE_CHECKING:
    from dlr_analytics.simulate import Simulation, WebhookCall
    from dlr_analytics.simulate.post import Posted

_STOP_S: Final = 60.0
"""Seconds for the receiver to answer, seal and end: a busy machine may need them."""

_TRIES: Final = 6
"""A quarter of a minute: if a receiver of our own is gone, nobody will start it again."""


def make_room(data: Path) -> None:
    """Make a data directory of which nothing else is in use.

    Raises
    ------
    DataFolderInUse
        Something is in it.
    DataError
        It cannot be made.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        used = any(data.iterdir())
    except OSError as error:
        raise DataError(f"{data}: {error.strerror}", "choose another --data") from None
    if used:
        raise DataFolderInUse(f"{data} is not empty", "remove it, or choose another --data")


def fill(data: Path, simulation: Simulation) -> Posted:
    """Have a receiver of one's own receive a simulation into ``data``, and record its send log.

    Returns
    -------
    Posted
        What was acknowledged; each of its receipts is in the Parquet files when this returns.

    Raises
    ------
    DlrError
        The receiver did not start, or did not stop in an orderly way.
    """
    from dlr_analytics.cli.sending import send
    from dlr_analytics.store.receipts.seal import seal_all
    from dlr_analytics.store.sends import Send, record_sends

    with _receiver(data) as url:
        posted = send(simulation.calls, url, tries=_TRIES)
    # The receiver gives its last sealing a few seconds only, so that a supervisor need not kill it.
    if findings := seal_all(data):
        raise DlrError(findings[0], f"remove {data} before you try again")
    record_sends(data, (Send(message_id, sent_at) for message_id, sent_at in simulation.sends))
    return posted


@contextlib.contextmanager
def _receiver(data: Path) -> Iterator[str]:
    """The address of a receiver with the demo's clock; stopped by SIGTERM at the end."""
    command = (sys.executable, "-m", "dlr_analytics.cli.demo_receiver", str(data))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:  # noqa: S603 - ours
        try:
            yield _announced(receiver)
        except DlrError:
            if receiver.poll() is None:
                raise
            raise DlrError(
                f"the demo's receiver has ended with {receiver.returncode}",
                f"see what it says above; remove {data} before you try again",
            ) from None
        finally:
            code = _stopped(receiver)
    if code != 0:
        raise DlrError(f"the demo's receiver ended with {code}", "see what it says above")


def _stopped(receiver: subprocess.Popen[str]) -> int:
    """The exit status of a receiver that is told to stop; killed where it does not."""
    receiver.terminate()
    try:
        return receiver.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        receiver.kill()
        return receiver.wait()


def _announced(receiver: subprocess.Popen[str]) -> str:
    """The address that a receiver prints once it accepts requests."""
    assert receiver.stdout is not None
    url = receiver.stdout.readline().strip()
    if not url:
        raise DlrError("the demo's receiver did not start", "see what it says above")
    return url


def missing_or_doubled(data: Path, posted: Posted) -> list[str]:
    """Sentences about acknowledged receipts that are not in the files exactly once.

    A receipt that was sent again after a connection broke may stand there more than once.
    """
    import dlr_analytics

    receipts = dlr_analytics.open(data).receipts
    stored = Counter(receipts.select("received_at", "message_id").fetchall())
    acknowledged = Counter(map(_key, _receipts_of(posted.acknowledged)))
    unsure = {_key(call) for call in _receipts_of(posted.repeated)}
    findings = []
    for key in acknowledged.keys() | stored.keys():
        told, found = acknowledged[key], stored[key]
        if found < told or (found > told and key not in unsure):
            findings.append(f"{key[1]} at {key[0]}: acknowledged {told} times, stored {found}")
    return sorted(findings)


def _receipts_of(calls: tuple[WebhookCall, ...]) -> Iterator[WebhookCall]:
    return (call for call in calls if call.kind == "receipt")


def _key(call: WebhookCall) -> tuple[object, object]:
    return call.arrived_at, call.fields.get("messageId", call.fields.get("message_uuid"))
