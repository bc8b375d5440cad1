"""Times as logs write them, read as naive UTC.

Without a zone a time is UTC, as in all files that are imported. A time without its day or year (as
syslog writes it) is none: the rest of it would be a guess.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Final

from dlr_analytics.vocabulary import FIRST_YEAR
from dlr_analytics.webhook.fields import read_time

_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"

_TIME: Final = re.compile(
    r"(?<!\d)(?:(?P<iso>\d{4}[-/]\d\d[-/]\d\d)(?:[T\t]| {1,2})"
    r"|(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4})[: ])"
    r"(?P<clock>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d(?!\d))?",
    re.ASCII,
)
_LEADING_EPOCH: Final = re.compile(r"\s*(\d{10}\.\d{3,6})\s", re.ASCII)
_EPOCH: Final = re.compile(r"\d{10,19}(?:\.\d+)?|\d\.\d+e\+?\d{1,2}", re.ASCII | re.IGNORECASE)


def read_log_time(text: str) -> dt.datetime | None:
    """Read a field that holds a time; None if it is none.

    Parameters
    ----------
    text : str
        As :func:`find_time` finds it, or since 1970: seconds, also with a fraction, milliseconds,
        microseconds or nanoseconds, by their number of digits.

    Examples
    --------
    >>> read_log_time("1795507200.25"), read_log_time("1795507200250")
    (datetime.datetime(2026, 11, 24, 8, 0, 0, 250000), ...(2026, 11, 24, 8, 0, 0, 250000))
    >>> read_log_time("08:00:00") is None
    True
    """
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return _since_1970(text)
    match = _TIME.fullmatch(text)
    return None if match is None else _time_of(match)


def find_time(text: str) -> dt.datetime | None:
    """Find the first time in a text; None if there is none.

    Examples
    --------
    >>> find_time("2026-11-24 10:00:00,250 INFO [24/Nov/2026:09:00:00 +0100] GET /")
    datetime.datetime(2026, 11, 24, 10, 0, 0, 250000)
    """
    match = _LEADING_EPOCH.match(text)
    if match is not None:
        return _since_1970(match[1])
    found = (_time_of(match) for match in _TIME.finditer(text))
    return next((time for time in found if time is not None), None)


def _time_of(match: re.Match[str]) -> dt.datetime | None:
    day = match["iso"] and match["iso"].replace("/", "-")
    if day is None:
        month, rest = divmod(_MONTHS.find(match["month"]), 3)
        if rest:
            return None
        day = f"{match['year']}-{month + 1:02d}-{match['day']}"
    zone = "" if match["zone"] in (None, "UTC", "GMT") else match["zone"]
    time = read_time(f"{day} {match['clock']}.{(match['fraction'] or '0')[:6]}{zone}")
    return time if time is not None and time.year >= FIRST_YEAR else None


def _since_1970(text: str) -> dt.datetime | None:
    try:
        count = Decimal(text)
        power = 0 if count < 10**11 else 3 if count < 10**14 else 6 if count < 10**17 else 9
        time = dt.datetime(1970, 1, 1) + dt.timedelta(
            microseconds=int(count * Decimal(10) ** (6 - power))
        )
    except (InvalidOperation, OverflowError):
        return None
    return time if time.year >= FIRST_YEAR else None
