"""Phone numbers in a text: their spellings, and the calling codes of countries.

The codes are prefix-free: zones 1 and 7 have one digit, the codes below two, all others three.
Source: List of ITU-T Recommendation E.164 assigned country codes.
"""

from __future__ import annotations

import re
from typing import Final

_ONE_DIGIT: Final = ("1", "7")
_TWO_DIGITS: Final = (
    *("20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46"),
    *("47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63"),
    *("64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"),
)


def calling_code(digits: str) -> str:
    """Extract the country calling code of a number; empty if it has none.

    Parameters
    ----------
    digits : str
        Digits of the number, without ``+``. A leading 0 marks a national number: no code.

    Examples
    --------
    >>> calling_code("447700900001"), calling_code("12025550123"), calling_code("35312345678")
    ('44', '1', '353')
    >>> calling_code("07700900001")
    ''
    """
    if digits.startswith("0"):
        return ""
    if digits.startswith(_ONE_DIGIT):
        return digits[:1]
    return digits[:2] if digits[:2] in _TWO_DIGITS else digits[:3]


_PERCENT: Final = "%(?:25)*"
"""A percent sign, itself encoded any number of times."""

# A run of backslashes is matched from its first one only, and given back as a whole or not at all:
# each tried as a start would take time in the square of their number.
_BACKSLASHES: Final = rf"(?<!\\)(?<!%5C)(?<!255C)(?:\\|{_PERCENT}5C)++"

# A digit as it is, percent-encoded any number of times, or escaped in JSON; also an Arabic or a
# fullwidth one. The last character of each is the digit.
_DIGIT: Final = re.compile(
    rf"\d|{_PERCENT}3[0-9]|{_PERCENT}D9{_PERCENT}A[0-9]|{_PERCENT}DB{_PERCENT}B[0-9]"
    rf"|{_PERCENT}EF{_PERCENT}BC{_PERCENT}9[0-9]|{_BACKSLASHES}u(?:003|066|06f|ff1)[0-9]",
    re.IGNORECASE,
)

SEPARATOR: Final = (
    r"[\s().+/_~'\u2019\u00ad\u00b7\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060\ufeff-]"
)
"""A character that may stand between the digits of a number."""

# Spaces, dashes, dots, brackets, format characters; percent-encoded or escaped in JSON.
_SEPARATOR: Final = re.compile(
    rf"{SEPARATOR}|{_PERCENT}(?:2[089BDEF]|0[9AD]|5F|C2{_PERCENT}(?:A0|AD|B7))"
    rf"|{_PERCENT}E2{_PERCENT}8[01]{_PERCENT}[89AB][0-9A-F]"
    r"|(?<!\\)\\++(?:[nrt]|u(?:00a0|00ad|00b7|20[0-6][0-9a-f]|3000|feff))",
    re.IGNORECASE,
)

RUN: Final = re.compile(rf"(?:{_DIGIT.pattern}){{7,}}", re.IGNORECASE)
"""Seven or more digits in a row."""

SPELLED: Final = (
    rf"(?:{_DIGIT.pattern})(?:(?:{_SEPARATOR.pattern}){{0,6}}(?:{_DIGIT.pattern})){{6,}}"
)
"""Seven or more digits with up to six separators between any two."""


_TRUNK: Final = re.compile(r"(?<=\d)([\s.-]?)\(0\)")
"""The ``(0)`` behind a country's code, which is dialled at home only: ``+44 (0) 7700 900000``."""


def digits_of(text: str) -> str:
    """Digits of a text in any spelling, as 0 to 9, without a leading ``00``.

    Examples
    --------
    >>> digits_of("0044 (0) 7700 %39%30"), digits_of("x")
    ('44770090', '')
    """
    if "(0)" in text:
        text = _TRUNK.sub(r"\1", text)
    found = [digit[-1] for digit in _DIGIT.findall(_SEPARATOR.sub("", text))]
    return "".join([c if c.isascii() else str(int(c)) for c in found]).removeprefix("00")
