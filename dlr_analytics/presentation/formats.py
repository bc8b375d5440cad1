"""Write numbers, money, durations and dates in English, with true minus signs.

A missing value is ``–`` and never 0; a value other than zero never prints as 0. Functions ending in
``_figure`` leave out the unit, for columns whose head has it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

MISSING: Final = "–"
MINUS: Final = "−"

Number = int | float | Decimal

_SIGNS: Final = {"EUR": "€", "GBP": "£", "USD": "$"}


def count(number: Number | None) -> str:
    """Write a count, with digits in groups of three.

    >>> count(2536537), count(None)
    ('2,536,537', '–')
    """
    return MISSING if number is None else _fixed(number, 0)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Write a count with its noun.

    >>> counted(1, "country", "countries"), counted(14, "message")
    ('1 country', '14 messages')
    """
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def count_short(number: int) -> tuple[str, str]:
    """Write a count in three digits, and their unit.

    >>> count_short(2536537), count_short(87300), count_short(999_999)
    (('2.54', 'million'), ('87,300', ''), ('999,999', ''))
    """
    if number < 1_000_000:
        return count(number), ""
    scale, unit = (10**9, "billion") if number >= 999_500_000 else (10**6, "million")
    scaled = Decimal(number) / scale
    return _fixed(scaled, 2 if scaled < 10 else 1 if scaled < 100 else 0), unit


def rate(share: Number | None, decimals: int = 1) -> str:
    """Write a share, 0 to 1, in per cent.

    >>> rate(0.9450), rate(0.00004), rate(0.99996), rate(1), rate(None)
    ('94.5%', '<0.1%', '>99.9%', '100.0%', '–')
    """
    return MISSING if share is None else rate_figure(share, decimals) + "%"


def rate_figure(share: Number | None, decimals: int = 1) -> str:
    """Write a share in per cent, without the unit.

    >>> rate_figure(0.7857, decimals=0), rate_figure(0.0)
    ('79', '0.0')
    """
    if share is None:
        return MISSING
    if share < 1 and _rounded(100 * share, decimals) == 100:
        return ">" + _fixed(100 - Decimal(1).scaleb(-decimals), decimals)
    return _fixed(100 * share, decimals)


def interval(low: Number | None, high: Number | None, decimals: int = 1) -> str:
    """Write two shares as a range in per cent.

    >>> interval(0.9447, 0.9453, decimals=2), interval(None, None)
    ('94.47 to 94.53%', '–')
    """
    if low is None or high is None:
        return MISSING
    return f"{rate_figure(low, decimals)} to {rate(high, decimals)}"


def points(difference: Number | None, decimals: int = 1) -> str:
    """Write a difference of two shares in points, with its sign and without the unit.

    >>> points(-0.0312), points(0.004), points(-0.00001), points(0.0), points(None)
    ('−3.1', '+0.4', '−<0.1', '0.0', '–')
    """
    if difference is None:
        return MISSING
    size = -100 * difference if difference < 0 else 100 * difference
    return _signed(_fixed(size, decimals), difference)


def money(amount: Number | None, currency: str | None) -> str:
    """Write an amount with its currency: whole from 100, two decimals below.

    >>> money(Decimal("97276.44"), "EUR"), money(Decimal("0.114"), "GBP"), money(3, "CHF")
    ('€97,276', '£0.11', 'CHF 3.00')
    """
    return MISSING if amount is None else _with_sign(money_figure(amount), currency)


def money_about(amount: Number, currency: str | None) -> str:
    """Write an estimated amount with its currency: whole from 1.

    >>> money_about(Decimal("15.37"), "EUR"), money_about(Decimal("0.4"), "EUR")
    ('€15', '€0.40')
    """
    return _with_sign(_fixed(amount, 2 if -1 < amount < 1 else 0), currency)


def money_exact(amount: Number | None, currency: str | None) -> str:
    """Write an amount with its currency and two decimals.

    >>> money_exact(Decimal("97276.444"), "EUR")
    '€97,276.44'
    """
    return MISSING if amount is None else _with_sign(_fixed(amount, 2), currency)


def money_figure(amount: Number | None) -> str:
    """Write an amount without its currency.

    >>> money_figure(Decimal("53.32")), money_figure(Decimal("0.004")), money_figure(0)
    ('53.32', '<0.01', '0.00')
    """
    if amount is None:
        return MISSING
    return _fixed(amount, 2 if -100 < amount < 100 else 0)


def price(amount: Decimal | None, currency: str | None) -> str:
    """Write the price of one message: four to eight decimals, as billed.

    >>> price(Decimal("0.04670000"), "EUR"), price(Decimal("0.00621250"), "USD")
    ('€0.0467', '$0.0062125')
    """
    if amount is None:
        return MISSING
    figure = f"{amount:,.8f}".rstrip("0")
    whole, _, fraction = figure.partition(".")
    return _with_sign(f"{whole}.{fraction:0<4}", currency)


def price_each(amount: Decimal | None, currency: str | None) -> str:
    """Write the average price of one message, with four decimals.

    >>> price_each(Decimal("0.04067558"), "EUR")
    '€0.0407'
    """
    return MISSING if amount is None else _with_sign(_fixed(amount, 4), currency)


def price_mean(amount: float | None, *, sign: bool = False) -> str:
    """Write a mean of prices, or with a sign a difference of two such.

    >>> price_mean(0.0333), price_mean(0.0004567, sign=True), price_mean(-0.02, sign=True)
    ('0.0333', '+0.0004567', '−0.0200')
    """
    if amount is None:
        return MISSING
    exact = _rounded(amount, 8)
    figure = price(abs(exact), None)
    return _signed(figure, exact) if sign or exact < 0 else figure


def per_thousand(amount: Decimal | None) -> str:
    """Write the price of a thousand messages, given that of one.

    >>> per_thousand(Decimal("0.07379"))
    '73.79'
    """
    return MISSING if amount is None else _fixed(1000 * amount, 2)


def currency_sign(currency: str | None) -> str:
    """Return the sign of a currency, or its code.

    >>> currency_sign("EUR"), currency_sign("SEK"), currency_sign(None)
    ('€', 'SEK', '')
    """
    return _SIGNS.get(currency or "", currency or "")


def duration(seconds: Number | None) -> str:
    """Write a duration: seconds below 100, minutes below 90, then hours.

    >>> [duration(s) for s in (22, 0.4, 0, 360, 5400, 259200, -3, None)]
    ['22 s', '<1 s', '0 s', '6 min', '1.5 h', '72 h', '−3 s', '–']
    """
    if seconds is None:
        return MISSING
    if -100 < seconds < 100:
        return _fixed(seconds, 0) + " s"
    if -5400 < seconds < 5400:
        return _fixed(seconds / 60, 0) + " min"
    return _fixed(seconds / 3600, 1 if -36000 < seconds < 36000 else 0) + " h"


def day(value: date) -> str:
    """Write a day without its year.

    >>> day(date(2026, 11, 9))
    '9 Nov'
    """
    return f"{value.day} {value:%b}"


def dates(first: date, last: date) -> str:
    """Write a range of days, both included.

    >>> dates(date(2026, 10, 25), date(2026, 11, 23))
    '25 October to 23 November 2026'
    >>> dates(date(2025, 1, 1), date(2025, 1, 7)), dates(date(2025, 1, 1), date(2025, 1, 1))
    ('1 to 7 January 2025', '1 January 2025')
    >>> dates(date(2026, 12, 30), date(2027, 1, 2))
    '30 December 2026 to 2 January 2027'
    """
    end = f"{last.day} {last:%B %Y}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {first:%B %Y} to {end}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {end}"
    return f"{first.day} to {end}"


def between(first: date, last: date) -> str:
    """Write a range of days with its preposition.

    >>> between(date(2025, 1, 1), date(2025, 1, 7)), between(date(2025, 1, 1), date(2025, 1, 1))
    ('between 1 and 7 January 2025', 'on 1 January 2025')
    """
    if first == last:
        return f"on {dates(first, last)}"
    return f"between {dates(first, last).replace(' to ', ' and ')}"


def moment(value: datetime, zone: str = "UTC") -> str:
    """Write a time to the minute, with its time zone.

    >>> moment(datetime(2026, 11, 24, 5, 0))
    '24 November 2026, 05:00 UTC'
    """
    return f"{value.day} {value:%B %Y, %H:%M} {zone}"


def _with_sign(figure: str, currency: str | None) -> str:
    sign = currency_sign(currency)
    gap = " " if len(sign) > 1 else ""
    lead = "<" if figure.startswith("<") else MINUS if figure.startswith(MINUS) else ""
    return f"{lead}{sign}{gap}{figure.removeprefix(lead)}"


def _signed(figure: str, number: Number) -> str:
    """Write the sign of a number before the figure of its size."""
    return f"{MINUS if number < 0 else '+' if number > 0 else ''}{figure}"


def _rounded(number: Number, decimals: int) -> Decimal:
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _fixed(number: Number, decimals: int) -> str:
    figure = _rounded(number, decimals)
    if figure == 0 and number != 0:
        return ("<" if number > 0 else ">" + MINUS) + f"{Decimal(1).scaleb(-decimals):f}"
    return f"{MINUS if figure < 0 else ''}{abs(figure):,.{decimals}f}"
