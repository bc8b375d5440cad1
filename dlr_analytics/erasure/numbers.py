"""The numbers that ``dlr forget`` is given: read, checked, and hashed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.erasure.spellings import national_forms
from dlr_analytics.errors import UnreadableValue, UnusableFile
from dlr_analytics.webhook.phone_numbers import SEPARATOR, SPELLED, calling_code, digits_of
from dlr_analytics.webhook.privacy import Privacy, protect_number

_HASH: Final = re.compile(r"[0-9A-Fa-f]{32}")
_NUMBER: Final = re.compile(rf"(?:{SEPARATOR}|%2B)*{SPELLED}{SEPARATOR}*", re.IGNORECASE)
_ZERO_BELONGS: Final = frozenset({"39", "225", "229", "241", "242", "378", "379", "979"})
"""Calling codes behind which numbers begin with 0: Italy, Ivory Coast, Benin, Gabon, Congo, San
Marino, the Vatican; those of no country, which begin with 8 or 979, have no rule."""

_DIGITS: Final = range(7, 16)
"""Digits of a number with its country: at most 15, by E.164."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers as E.164 digits, and hashes of numbers in lower case."""

    digits: frozenset[str]
    hashes: frozenset[str]

    def with_hashes(self, key: str) -> Numbers:
        """Add the hash of each number, in national form too, as receivers store it."""
        privacy = Privacy("hash", key.encode())
        forms = self.digits.union(*map(national_forms, self.digits))
        return Numbers(
            self.digits, self.hashes.union(protect_number(form, privacy) for form in forms)
        )


def read_numbers(arguments: Iterable[str], file: Path | None = None) -> Numbers:
    """Read numbers and hashes from arguments and from a file, one a line.

    Raises
    ------
    UnreadableValue
        One is neither a number with its country nor a hash, or there is none.
    UnusableFile
        The file cannot be read.

    Examples
    --------
    >>> sorted(read_numbers(["+44 7700 900001", "0044 (0) 7700 900001"]).digits)
    ['447700900001']

    A zero that is dialled at home only is left out too, where the country has such a zero:

    >>> sorted(read_numbers(["+44 07700 900001"]).digits)
    ['4407700900001', '447700900001']
    """
    digits, hashes = set(), set()
    places = [(f"{argument!r}", argument) for argument in arguments]
    for place, text in [*places, *(_lines(file) if file else ())]:
        if _HASH.fullmatch(text.strip()):
            hashes.add(text.strip().lower())
        else:
            number = _read(text.strip(), place)
            digits |= {number, _without_trunk_zero(number)}
    if not digits and not hashes:
        raise UnreadableValue("no number given", "name one, or a --file with one a line")
    return Numbers(frozenset(digits), frozenset(hashes))


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UnusableFile(f"{file}: {reason}", "give a text file, one number a line") from None
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if content:
            yield f"{file}, line {number}", content


def _read(text: str, place: str) -> str:
    remedy = "give it with its country, like +447700900001, or its hash of 32 characters"
    if not _NUMBER.fullmatch(text):
        raise UnreadableValue(f"{place} is neither a number nor a hash", remedy)
    digits = digits_of(text)
    if digits.startswith("0"):
        raise UnreadableValue(f"{place} is a number without its country", remedy)
    if len(digits) not in _DIGITS:
        raise UnreadableValue(f"{place} has {len(digits)} digits, a number 7 to 15", remedy)
    return digits


def _without_trunk_zero(digits: str) -> str:
    """The number without a 0 behind the code of a country that dials it at home only."""
    code = calling_code(digits)
    has_it = digits[len(code) :].startswith("0") and len(digits) - 1 in _DIGITS
    if not has_it or code in _ZERO_BELONGS or (code.startswith("8") and len(code) > 2):
        return digits
    return code + digits[len(code) + 1 :]
