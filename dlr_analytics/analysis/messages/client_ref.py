"""A send time inside ``client_ref``, where the user's setting names a pattern."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from dlr_analytics.analysis.engines.protocol import Definitions
from dlr_analytics.vocabulary import FIRST_YEAR


def create_times(engine: Definitions, pattern: re.Pattern[str] | None) -> None:
    """Create ``client_ref_times``: the send time in each ``client_ref`` that has one.

    It is read in Python, from the values in ``receipts_collapsed`` and ``sends_collapsed``.
    """
    times: Iterable[tuple[str, dt.datetime]] = ()
    if pattern is not None:
        found = engine.rows(
            "select client_ref from receipts_collapsed union select client_ref from sends_collapsed"
        )
        times = send_times(pattern, [ref for (ref,) in found if ref is not None])
    engine.create_values(
        "client_ref_times", {"client_ref": "VARCHAR", "sent_at": "TIMESTAMP"}, times
    )


def send_times(
    pattern: re.Pattern[str], client_refs: Iterable[str]
) -> Iterator[tuple[str, dt.datetime]]:
    """Each ``client_ref`` that holds a send time, and that time.

    Parameters
    ----------
    pattern : Pattern
        The first match counts, wherever it stands. Its group ``epoch`` is seconds since 1970, with
        or without a fraction; ``epoch_ms`` milliseconds; ``iso`` an ISO 8601 date and time, in UTC
        where it names no zone.
    client_refs : iterable of str

    Yields
    ------
    tuple of str and datetime
        The time is naive UTC. What cannot be read, or is before 2000, is left out.

    Examples
    --------
    >>> list(send_times(re.compile(r"-(?P<epoch>\\d+)$"), ["a-1795507200", "a-0", "b"]))
    [('a-1795507200', datetime.datetime(2026, 11, 24, 8, 0))]
    """
    (group,) = {"epoch", "epoch_ms", "iso"} & set(pattern.groupindex)
    read = {"epoch": _epoch, "epoch_ms": _epoch_ms, "iso": _iso}[group]
    for client_ref in client_refs:
        match = pattern.search(client_ref)
        if match is None or match[group] is None:
            continue
        try:
            moment = read(match[group])
        except (ValueError, OverflowError, InvalidOperation):
            continue
        if moment.year >= FIRST_YEAR:
            yield client_ref, moment


def _epoch(text: str) -> dt.datetime:
    return _since_1970(Decimal(text) * 1_000_000)


def _epoch_ms(text: str) -> dt.datetime:
    return _since_1970(Decimal(text) * 1_000)


def _since_1970(microseconds: Decimal) -> dt.datetime:
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(microseconds))


def _iso(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
