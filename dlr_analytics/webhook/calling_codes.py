"""Country calling codes of ITU-T E.164.

The codes are prefix-free: zones 1 and 7 have one digit, the codes below two, all others three.
Source: List of ITU-T Recommendation E.164 assigned country codes.
"""

from __future__ import annotations

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
