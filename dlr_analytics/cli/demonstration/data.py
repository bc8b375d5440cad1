"""A simulation received over HTTP into a data directory, as ``dlr demo`` does."""

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
"""Seconds for the receiver to answer, seal and exit on a busy machine."""

_TRIES: Final = 6
"""About 15 s: a receiver that has exited is not restarted."""


def create_data_directory(data: Path) -> None:
    """Create an empty data directory.

    Raises
    ------
    DataFolderInUse
        It is not empty.
    DataError
        It cannot be created.
    """
    from dlr_analytics.store.atomic import make_data_folder
    from dlr_analytics.store.format import format_of

    format_of(data)
    try:
        make_data_folder(data)
        used = any(data.iterdir())
    except OSError as error:
        raise DataError(f"{data}: {error.strerror}", "choose another --data") from None
    if used:
        raise DataFolderInUse(f"{data} is not empty", "remove it, or choose another --data")


def receive_simulation(data: Path, simulation: Simulation) -> Posted:
    """Start a receiver, post a simulation to it, and record its send log.

    Returns
    -------
    Posted
        The acknowledged calls; their receipts are in Parquet files when this returns.

    Raises
    ------
    DlrError
        The receiver did not start, or did not exit with 0.
    """
    from dlr_analytics.cli.simulate import post_with_progress
    from dlr_analytics.store.receipts.seal import seal_all
    from dlr_analytics.store.sends import Send, record_sends

    with _receiver(data) as url:
        posted = post_with_progress(simulation.calls, url, tries=_TRIES)
    # The receiver limits its last seal to a few seconds, so that no supervisor kills it.
    if findings := seal_all(data):
        raise DlrError(findings[0], f"remove {data} before you try again")
    record_sends(data, (Send(message_id, sent_at) for message_id, sent_at in simulation.sends))
    return posted


@contextlib.contextmanager
def _receiver(data: Path) -> Iterator[str]:
    """Run a receiver with the demo's clock, and yield its address."""
    command = (sys.executable, "-m", "dlr_analytics.cli.demonstration.receiver", str(data))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:  # noqa: S603 - ours
        try:
            yield _read_address(receiver)
        except DlrError:
            if receiver.poll() is None:
                raise
            raise DlrError(
                f"the demo's receiver has ended with {receiver.returncode}",
                f"see what it says above; remove {data} before you try again",
            ) from None
        finally:
            code = _stop(receiver)
    if code != 0:
        raise DlrError(f"the demo's receiver ended with {code}", "see what it says above")


def _stop(receiver: subprocess.Popen[str]) -> int:
    """Stop a receiver by SIGTERM, then SIGKILL, and return its exit status."""
    receiver.terminate()
    try:
        return receiver.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        receiver.kill()
        return receiver.wait()


def _read_address(receiver: subprocess.Popen[str]) -> str:
    """Read the address that a receiver prints once it accepts requests."""
    assert receiver.stdout is not None
    url = receiver.stdout.readline().strip()
    if not url:
        raise DlrError("the demo's receiver did not start", "see what it says above")
    return url


def delivery_errors(data: Path, posted: Posted) -> list[str]:
    """List acknowledged receipts that are not stored exactly once.

    A receipt that was sent again after a broken connection may be stored more than once.
    """
    import dlr_analytics

    receipts = dlr_analytics.open(data).receipts
    stored = Counter(receipts.select("received_at", "message_id").fetchall())
    acknowledged = Counter(map(_key, _receipts_of(posted.acknowledged)))
    repeated = {_key(call) for call in _receipts_of(posted.repeated)}
    findings = []
    for key in acknowledged.keys() | stored.keys():
        expected, found = acknowledged[key], stored[key]
        if found < expected or (found > expected and key not in repeated):
            findings.append(f"{key[1]} at {key[0]}: acknowledged {expected} times, stored {found}")
    return sorted(findings)


def _receipts_of(calls: tuple[WebhookCall, ...]) -> Iterator[WebhookCall]:
    return (call for call in calls if call.kind == "receipt")


def _key(call: WebhookCall) -> tuple[object, object]:
    return call.arrived_at, call.fields.get("messageId", call.fields.get("message_uuid"))
