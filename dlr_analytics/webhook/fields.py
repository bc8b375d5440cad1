"""Parsers of single fields, which return None for an unreadable value."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import Final

from dlr_analytics.webhook.parameters import unquote_form

# DECIMAL(18,8), never rounded: a value that does not fit raises.
_EXACT: Final = Context(prec=18, traps=[InvalidOperation, Inexact, Overflow])
_PLACES: Final = Decimal("0.00000001")

_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T+](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?"
    r"(?: ?(Z|z|UTC)|( ?[+ -])(\d\d):?(\d\d))?",
    re.ASCII,
)


def read_price(text: str) -> Decimal | None:
    """Parse a price as exact DECIMAL(18,8); one decimal comma counts as a point.

    Examples
    --------
    >>> read_price("0.03330000"), read_price("0,0333"), read_price("3.33e-2")
    (Decimal('0.03330000'), Decimal('0.03330000'), Decimal('0.03330000'))
    >>> read_price("NaN"), read_price("0.123456789"), read_price("12345678901")
    (None, None, None)
    """
    if not text.isascii():
        return None
    if "," in text and "." not in text:
        text = text.replace(",", ".", 1)
    try:
        price = _EXACT.quantize(_EXACT.create_decimal(text.strip()), _PLACES)
    except DecimalException:
        return None
    return price if price.is_finite() else None


def read_err_code(text: str) -> int | None:
    """Parse an err-code, a signed whole number of 16 bits.

    Examples
    --------
    >>> read_err_code("0"), read_err_code("99"), read_err_code("99.0"), read_err_code("70000")
    (0, 99, None, None)
    """
    text = text.strip()
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5):
        return None
    code = int(text)
    return code if -(2**15) <= code < 2**15 else None


def read_scts(text: str) -> datetime | None:
    """Parse a carrier's ``YYMMDDHHMM``, ten ASCII digits, as time without a zone.

    Examples
    --------
    >>> read_scts("1810251210")
    datetime.datetime(2018, 10, 25, 12, 10)
    >>> read_scts("20010114"), read_scts("20181025121000"), read_scts("1813251210")
    (None, None, None)
    """
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return None
    year, month, day, hour, minute = [int(text[i : i + 2]) for i in range(0, 10, 2)]
    try:
        return datetime(2000 + year, month, day, hour, minute)
    except ValueError:
        return None


def read_time(text: str) -> datetime | None:
    """Parse a ``message-timestamp`` as naive UTC.

    Accepts ``YYYY-MM-DD HH:MM:SS`` and the variants seen in practice: ISO with ``T`` and fractions,
    an offset with or without colon (also with its ``+`` decoded to a space), and a value that was
    URL-encoded twice.

    Examples
    --------
    >>> read_time("2015-06-06+10%3A03%3A25")
    datetime.datetime(2015, 6, 6, 10, 3, 25)
    >>> read_time("2020-01-01T12:00:00.250+01:00")
    datetime.datetime(2020, 1, 1, 11, 0, 0, 250000)
    >>> read_time("1577880000") is None
    True
    """
    if "%" in text:
        text = unquote_form(text)
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    day, clock, fraction, _, sign, hours, minutes = match.groups()
    try:
        time = datetime.fromisoformat(f"{day} {clock}")
        if fraction:
            time = time.replace(microsecond=int(fraction[:6].ljust(6, "0")))
        if hours and hours + minutes != "0000":
            time -= _offset(sign, int(hours), int(minutes))
    except (ValueError, OverflowError):
        return None
    return time


def _offset(sign: str, hours: int, minutes: int) -> timedelta:
    offset = timedelta(hours=hours, minutes=minutes)
    if offset >= timedelta(hours=24):
        raise ValueError("offset of a day or more")
    return -offset if "-" in sign else offset


def read_epoch(text: str) -> datetime | None:
    """Parse whole seconds since 1970, as in ``timestamp``, as naive UTC.

    Examples
    --------
    >>> read_epoch("1385047698")
    datetime.datetime(2013, 11, 21, 15, 28, 18)
    >>> read_epoch("yesterday") is None
    True
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        return None
    return datetime.fromtimestamp(int(text), UTC).replace(tzinfo=None)
