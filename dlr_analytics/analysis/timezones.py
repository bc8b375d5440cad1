"""Parsing of dates, times and time zones to naive UTC.

Ambiguous and skipped local times are resolved here only: an ambiguous time means the first of the
two, a skipped time is moved past the gap. So ``--until`` and ``--since`` of the same day always
meet, without gap or overlap.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import zoneinfo
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from dlr_analytics.errors import UnreadableValue

Moment = str | dt.date | dt.datetime
"""A month, a date, or a time with or without a zone; as text in ISO 8601."""

_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_AGO: Final = re.compile(r"(?P<number>\d{1,5}) ?(?P<unit>[dh])")


def zone_name(text: str) -> str:
    """Return the IANA name of a time zone; case is ignored.

    Raises
    ------
    UnreadableValue
        If there is no such zone.

    Examples
    --------
    >>> zone_name("europe/london"), zone_name("UTC")
    ('Europe/London', 'UTC')
    """
    if text.upper() == "UTC":
        return "UTC"
    names = _zone_names()
    if text.lower() not in names:
        near = difflib.get_close_matches(text.lower(), names, n=1)
        guess = f"did you mean {names[near[0]]!r}? Give" if near else "give"
        raise UnreadableValue(
            f"tz: no time zone {text!r}", f"{guess} an IANA name like Europe/London"
        )
    return names[text.lower()]


@cache
def _zone_names() -> Mapping[str, str]:
    """All zones by their names in lower case; to list them reads hundreds of files."""
    return {name.lower(): name for name in zoneinfo.available_timezones() - {"localtime"}}


@cache
def zone(name: str) -> zoneinfo.ZoneInfo:
    """Load a time zone by a name that :func:`zone_name` returned.

    It is read from the package tzdata, which is as recent as DuckDB's: the system's may be years
    older, and a day would begin at two different times.

    Examples
    --------
    >>> zone("America/Vancouver").utcoffset(dt.datetime(2026, 12, 1)) / dt.timedelta(hours=1)
    -7.0
    """
    try:
        with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
            return zoneinfo.ZoneInfo.from_file(file, key=name)
    except FileNotFoundError:
        return zoneinfo.ZoneInfo(name)


def utc(name: str, moment: Moment, tz: str) -> dt.datetime:
    """Convert a date or time to naive UTC.

    Parameters
    ----------
    name : str
        The parameter's name, for the error.
    moment : str, date or datetime
        A date or a month means its first instant. Without a zone of its own it is in ``tz``.
    tz : str
        An IANA time zone.

    Raises
    ------
    UnreadableValue
        If it is neither a date nor a time, or outside the years 1 to 9999.

    Examples
    --------
    >>> utc("since", "2026-07-01", "Europe/London")
    datetime.datetime(2026, 6, 30, 23, 0)
    >>> utc("since", "2026-07", "Europe/London")
    datetime.datetime(2026, 6, 30, 23, 0)
    >>> utc("since", "2026-07-01T12:00Z", "Europe/London")
    datetime.datetime(2026, 7, 1, 12, 0)

    An ambiguous time means the first of the two; a skipped time is moved past the gap:

    >>> utc("since", "2026-10-25 01:30", "Europe/London")
    datetime.datetime(2026, 10, 25, 0, 30)
    >>> utc("since", "2026-03-29 01:30", "Europe/London")
    datetime.datetime(2026, 3, 29, 1, 30)
    """
    local = _parsed(name, moment)
    if local.tzinfo is None:
        local = local.replace(tzinfo=dt.UTC if tz == "UTC" else zone(tz), fold=0)
    try:
        return local.astimezone(dt.UTC).replace(tzinfo=None)
    except (OverflowError, TypeError, ValueError):  # the last two: pandas' NaT
        raise _unreadable(name, moment) from None


def ago(moment: Moment) -> dt.timedelta | None:
    """Parse a time before as of, like ``7d`` or ``24h``; None where it is none.

    Examples
    --------
    >>> ago("24h"), ago("7d"), ago("2026-11-24")
    (datetime.timedelta(days=1), datetime.timedelta(days=7), None)
    """
    found = _AGO.fullmatch(moment.strip().lower()) if isinstance(moment, str) else None
    if found is None:
        return None
    number = int(found["number"])
    return dt.timedelta(days=number) if found["unit"] == "d" else dt.timedelta(hours=number)


def local(moment: dt.datetime, tz: str) -> dt.datetime:
    """Convert a naive UTC time to a naive time in a zone.

    Raises
    ------
    UnreadableValue
        If that is outside the years 1 to 9999.

    Examples
    --------
    >>> local(dt.datetime(2026, 7, 1), "Europe/London")
    datetime.datetime(2026, 7, 1, 1, 0)
    """
    try:
        return moment.replace(tzinfo=dt.UTC).astimezone(zone(tz)).replace(tzinfo=None)
    except OverflowError:
        raise UnreadableValue(
            f"{moment.isoformat()} UTC is outside the years 1 to 9999 in {tz}",
            "give a time within them",
        ) from None


def must_be_in_order(since: dt.datetime | None, until: dt.datetime | None) -> None:
    """Check that a period does not end before it begins.

    Raises
    ------
    UnreadableValue
        If it does.

    Examples
    --------
    >>> must_be_in_order(dt.datetime(2026, 11, 20), dt.datetime(2026, 11, 10))
    Traceback (most recent call last):
    dlr_analytics.errors.UnreadableValue: since (2026-11-20 00:00 UTC) is after until
        (2026-11-10 00:00 UTC); exchange them
    """
    if since is not None and until is not None and since > until:
        raise UnreadableValue(
            f"since ({since:%Y-%m-%d %H:%M} UTC) is after until ({until:%Y-%m-%d %H:%M} UTC)",
            "exchange them",
        )


def _parsed(name: str, moment: Moment) -> dt.datetime:
    if isinstance(moment, dt.datetime):
        return moment
    if isinstance(moment, dt.date):
        return dt.datetime.combine(moment, dt.time())
    try:
        text = moment.strip()
        return dt.datetime.fromisoformat(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except (ValueError, AttributeError, TypeError):
        raise _unreadable(name, moment) from None


def _unreadable(name: str, moment: object) -> UnreadableValue:
    return UnreadableValue(
        f"{name}: {moment!r} is no date and no ISO time",
        "write it like 2026-11-24 or 2026-11-24T13:00",
    )
