"""The kinds of alerts, from the rows of the statements in ``sql/watch``.

``delivery`` and ``latency`` are one statement, since they apply one rule to two shares. Where
``silence`` rings, ``delivery`` says nothing new; where ``delivery`` does, ``latency`` would judge
the few that are left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dlr_analytics.analysis.studies.watch import sentences
from dlr_analytics.analysis.studies.watch.alert import Alert

Row = dict[str, Any]

STATEMENTS: Final = ("silence", "scan", "filtered", "volume")
"""The statements of ``sql/watch``; ``send_log`` runs only where there is silence to explain."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The rows of each statement, and the time zone that texts are written in."""

    silence: Sequence[Row]
    scan: Sequence[Row]
    filtered: Sequence[Row]
    volume: Sequence[Row]
    tz: str
    send_log: Sequence[Row] = ()


def alerts(found: Findings) -> list[Alert]:
    """List the alerts; one that implies others replaces them."""
    return [alert for kind in KINDS for alert in kind(found)]


def silence(found: Findings) -> Iterator[Alert]:
    """Networks without receipts; all together in one."""
    everywhere = [row for row in found.silence if row["network_code"] is None]
    for row in everywhere or found.silence:
        known = _known_of(row, found.send_log, found.tz)
        yield _alert("silence", row, sentences.silence(row, known, found.tz))


def delivery(found: Findings) -> Iterator[Alert]:
    """Networks that deliver less than is their habit, unless they are silent."""
    silent = {row["network_code"] for row in found.silence}
    for row in _of("delivery", found):
        if silent.isdisjoint({None, row["network_code"]}):
            yield _alert("delivery", row, sentences.delivery(row, found.tz))


def latency(found: Findings) -> Iterator[Alert]:
    """Networks that deliver later than is their habit, unless they deliver less."""
    fewer = {row["network_code"] for row in _of("delivery", found)}
    for row in _of("latency", found):
        if row["network_code"] not in fewer:
            yield _alert("latency", row, sentences.latency(row, found.tz))


def filtered(found: Findings) -> Iterator[Alert]:
    """Senders that a network refuses."""
    for row in found.filtered:
        yield _alert("filtered", row, sentences.filtered(row))


def volume(found: Findings) -> Iterator[Alert]:
    """Countries that far more is sent to than ever."""
    for row in found.volume:
        yield _alert("volume", row, sentences.volume(row))


KINDS: Final[tuple[Callable[[Findings], Iterator[Alert]], ...]] = (
    silence,
    delivery,
    latency,
    filtered,
    volume,
)
"""The kinds, in the order of their alerts."""


def _of(kind: str, found: Findings) -> list[Row]:
    return [row for row in found.scan if row["kind"] == kind]


def _alert(kind: str, row: Row, text: str) -> Alert:
    """The alert of a row; a count is its own value."""
    return Alert(
        kind=kind,
        network_code=row.get("network_code"),
        country=row.get("country"),
        sender=row.get("sender"),
        began_at=row["began_at"],
        minutes=row["minutes"],
        messages=row["messages"],
        value=row["value"] if "value" in row else row["messages"],
        usual=row["usual"],
        text=text,
    )


def _known_of(silent: Row, log: Sequence[Row], tz: str) -> str:
    """What the send log knows about the window of a row of silence, as a clause."""
    window = [row for row in log if row["minutes"] == silent["minutes"]]
    network = silent["network_code"]
    own = [row for row in window if network in {None, row["network_code"]}]
    unplaced = _sum("unanswered", [row for row in window if row["network_code"] is None])
    newest = _newest(window)
    if newest is None or not _sum("in_log", own):
        return sentences.no_log()
    if not _sum("logged", window) and _sum("unlogged", window):
        return sentences.log_behind(newest, tz)
    if sent := _sum("logged", own):
        return sentences.unanswered(_sum("unanswered", own), sent)
    if unplaced:
        return sentences.unplaced(unplaced)
    return sentences.nothing_sent(newest, tz)


def _sum(column: str, rows: Sequence[Row]) -> int:
    return sum(row[column] for row in rows)


def _newest(rows: Sequence[Row]) -> dt.datetime | None:
    return max((row["newest_at"] for row in rows if row["newest_at"]), default=None)
