"""Fields of imported records, looked up by plain name, of any type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias

from dlr_analytics.vocabulary import FIRST_YEAR
from dlr_analytics.webhook.fields import read_price, read_time
from dlr_analytics.webhook.parameters import last
from dlr_analytics.webhook.privacy import mask_runs

MESSAGE_ID_NAMES: Final = ("messageid", "messageuuid")
"""Plain names of the message ID, of the SMS API and of the Messages API."""

Fields: TypeAlias = Mapping[str, object]
"""Values by plain name."""

_TIME_NAMES: Final = (
    "messagetimestamp",
    "receivedat",
    "datereceived",
    "datefinalized",
    "sentat",
)
"""Plain names of times; ``scts`` is none of them, since carriers write it as they like."""

_ID_NAMES: Final = (
    *MESSAGE_ID_NAMES,
    "msisdn",
    "to",
    "from",
    "sender",
    "network",
    "networkcode",
    "apikey",
    "accountid",
    "clientref",
    "smsid",
)
"""Plain names of IDs and numbers, which are text even if they are all digits."""

# A bare `12E5` may be a message ID, in hexadecimal digits.
_LOST: Final = re.compile(
    r"(?P<shown>#{3,}|#(?:REF!|VALUE!|NAME[?]|NUM!|NULL!|DIV/0!|N/A))"
    r"|[+-]?(?:\d+[eE]\+\d{1,3}|\d+[.,]\d*[eE][+-]?\d{1,3})",
    re.ASCII,
)
"""What a spreadsheet makes of an ID: ``shown`` for a cell that does not fit or has no value."""

_MISSING: Final = frozenset({"nan", "nat", "<na>"})
"""What numpy's and pandas' missing values are as text, in lower case."""

_EPOCH: Final = re.compile(r"(\d{10})(\d{3}|\.\d+)?", re.ASCII)


@lru_cache(maxsize=1_000)
def plain_name(name: str) -> str:
    """Reduce a name to lower-case letters and digits, so that spellings compare equal.

    Examples
    --------
    >>> plain_name("message-id"), plain_name("messageId"), plain_name("MESSAGE_ID ")
    ('messageid', 'messageid', 'messageid')
    """
    return re.sub("[^a-z0-9]", "", name.lower())


def check_names(spelling: Mapping[str, str], name: str) -> None:
    """Raise ValueError if a name means the same field as one in ``spelling``.

    Examples
    --------
    >>> check_names({"messageid": "message-id"}, "messageId")
    Traceback (most recent call last):
    ValueError: 'message-id' and 'messageId' mean the same field; remove one
    """
    known = spelling.get(plain_name(name))
    if known is not None:
        raise ValueError(f"{known!r} and {name!r} mean the same field; remove one")


def by_plain_name(record: Mapping[str, object]) -> dict[str, object]:
    """Map plain names to values; ValueError if two names are one field."""
    spelling: dict[str, str] = {}
    for name in record:
        check_names(spelling, name)
        spelling[plain_name(name)] = name
    return {plain: record[name] for plain, name in spelling.items()}


def text_of(fields: Fields, *names: str) -> str | None:
    """Return the first non-empty field of several names, as text."""
    for name in names:
        value = fields.get(name)
        if type(value) is str:  # most are, and the checks below take three times as long
            if text := value.strip():
                return text
            continue
        value = last(value)  # type: ignore[arg-type]
        if _is_missing(value) or isinstance(value, Mapping | list):
            continue
        if text := str(value).strip():
            return text
    return None


def _is_missing(value: object) -> bool:
    """Whether a value is none: None, or what a data frame has in an empty cell."""
    return value is None or (type(value) is not str and str(value).lower() in _MISSING)


def message_id_of(fields: Fields) -> str:
    """Return the message ID; ValueError without one."""
    found = text_of(fields, *MESSAGE_ID_NAMES)
    if found is None:
        raise ValueError("no message ID")
    return found


def price_of(fields: Fields, *names: str) -> Decimal | None:
    """Return the first non-empty price of several names; None where it is unreadable."""
    text = text_of(fields, *names)
    return None if text is None else read_price(text)


def currency_of(fields: Fields) -> str | None:
    """Return the currency of the price, in upper case."""
    text = text_of(fields, "currency")
    return None if text is None else text.upper()


def count_of(fields: Fields, name: str) -> int | None:
    """Return a whole number of up to four digits."""
    text = text_of(fields, name)
    return int(text) if text is not None and re.fullmatch("[0-9]{1,4}", text) else None


def time_of(fields: Fields, name: str, label: str) -> dt.datetime:
    """Return a time as naive UTC.

    Parameters
    ----------
    fields : mapping
        A datetime, ISO 8601 text (UTC if it has no zone), or seconds or milliseconds since 1970.
    label : str
        Name of the field in error messages.

    Raises
    ------
    ValueError
        If it is missing, unreadable or before 2000.

    Examples
    --------
    >>> time_of({"sentat": "2026-11-24 10:00:00+02:00"}, "sentat", "sent_at")
    datetime.datetime(2026, 11, 24, 8, 0)
    >>> time_of({"sentat": 1795507200.5}, "sentat", "sent_at")
    datetime.datetime(2026, 11, 24, 8, 0, 0, 500000)
    """
    time = time_or_none(fields, name, label)
    if time is None:
        raise ValueError(f"no {label}")
    return time


def time_or_none(fields: Fields, name: str, label: str) -> dt.datetime | None:
    """Return a time as :func:`time_of` does; None if it is missing."""
    text = text_of(fields, name)
    if text is None:
        return None
    value = fields[name]
    time = _naive_utc(value) if isinstance(value, dt.datetime) else _parse_time(text)
    if time is None:
        raise ValueError(_not_a_time(label, text))
    if time.year < FIRST_YEAR:
        raise ValueError(f"{label} {quoted(text)} is before {FIRST_YEAR}")
    return time


def check_fields(fields: Fields, spelling: Mapping[str, str], *more_times: str) -> None:
    """Check that the times of a record are times, and that no ID became a number.

    Parameters
    ----------
    spelling : mapping
        The names as the file spells them, by plain name.
    more_times : str
        Plain names of further fields with times.

    Raises
    ------
    ValueError
        If a time is there and unreadable, or an ID is in scientific notation.

    Examples
    --------
    >>> check_fields({"msisdn": "4.47701E+11"}, {})
    Traceback (most recent call last):
    ValueError: msisdn '4.47701E+11' was turned into a number by a spreadsheet and lost digits; ...
    """
    for name in (*_TIME_NAMES, *more_times):
        if name not in fields:
            continue
        value = fields[name]
        if type(value) is not str:
            value = last(value)  # type: ignore[arg-type]
        if _is_missing(value) or isinstance(value, dt.datetime):
            continue
        text = str(value).strip()
        if text and (isinstance(value, Mapping | list) or _parse_time(text) is None):
            raise ValueError(_not_a_time(spelling.get(name, name), text))
    for name in _ID_NAMES:
        found = text_of(fields, name) if name in fields else None
        if found is not None and (lost := _LOST.fullmatch(found)):
            why = (
                "is what a spreadsheet shows instead of a value"
                if lost["shown"]
                else "was turned into a number by a spreadsheet and lost digits"
            )
            raise ValueError(
                f"{spelling.get(name, name)} {quoted(found)} {why};"
                " export the column again, as text"
            )


def quoted(text: str) -> str:
    """Quote the beginning of a text in a message, long runs of digits masked.

    Logs are kept, and a field in the wrong column may hold a subscriber's number.

    Examples
    --------
    >>> quoted("sent to 447700900001")
    "'sent to 44********01'"
    """
    return repr(mask_runs(text[:80])[:40])


def _not_a_time(label: str, text: str) -> str:
    return f"{label} {quoted(text)} is not a time; write 2026-11-24T08:00:00Z"


@lru_cache(maxsize=100)
def _parse_time(text: str) -> dt.datetime | None:
    if (time := read_time(text) or _parse_epoch(text)) is not None:
        return time
    try:
        return _naive_utc(dt.datetime.fromisoformat(text))
    except ValueError:
        return None


def _naive_utc(time: dt.datetime) -> dt.datetime | None:
    """A time as naive UTC; None where that is out of range."""
    try:
        return time if time.tzinfo is None else time.astimezone(dt.UTC).replace(tzinfo=None)
    except (OverflowError, ValueError):  # the latter: of pandas
        return None


def _parse_epoch(text: str) -> dt.datetime | None:
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    fraction = match[2] or ""
    seconds = Decimal(match[1]) + Decimal(f"0.{fraction.lstrip('.') or 0}")
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(seconds * 1_000_000))
