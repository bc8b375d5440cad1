"""Finding and masking of given numbers in any text.

A number is found as whole groups of digits: ``+44 (0) 7700 900001`` and ``00447700900001`` are
447700900001, ``4477009000012`` is another one. Between two groups there may be up to six separators
(:mod:`dlr_analytics.webhook.phone_numbers`), and what follows or precedes is no part of it, so that
a number is found beside a date. Digits may be those of any script.

Percent-encoding and backslash escapes are undone one level after another, and each level is
searched: ``100%25447700900001`` is a percent sign and a number, ``%2534%2534…`` two levels around a
digit. Each decoded character knows where it comes from, so that a match can be masked in the
original text. JSON is parsed, its texts and numbers are masked, and written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from dlr_analytics.webhook.encoding import escape_surrogates
from dlr_analytics.webhook.parameters import (
    BLANK,
    Malformed,
    Number,
    Value,
    append_value,
    parse_json,
    to_json,
)
from dlr_analytics.webhook.phone_numbers import SEPARATOR, calling_code

MASKED: Final = "***"

_LEVELS: Final = 200
"""Levels of encoding that are undone: a hostile text could have thousands."""

_ESCAPE: Final = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)|(?<!\\)\\++(?:u(?P<u>[0-9A-Fa-f]{4})|x(?P<x>[0-9A-Fa-f]{2})"
    r"|(?P<space>[nrtbf]))"
)
_GROUP: Final = re.compile(r"\d+")

# From the first digit of a run only: the work must not grow with the square of its length.
_EXPONENT: Final = re.compile(r"(?<![\d.])\d++(?:\.\d++)?[eE]\+?\d{1,3}", re.ASCII)
_BETWEEN: Final = re.compile(rf"{SEPARATOR}{{1,6}}")
_ALONE: Final = re.compile(rf"{SEPARATOR}*\*\*\*{SEPARATOR}*")
_HASH: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])")
_LONGEST: Final = 18
"""Digits of a number, with 00 before it and (0) in it."""

_TAIL: Final = 7
_NESTED: Final = 8
_FEW: Final = 16
_WIDEST: Final = 40
"""Digits of the longest bare number whose value is looked at."""


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A text after some levels of decoding; where each character began and ended."""

    text: str
    starts: list[int]
    ends: list[int]


class Finder:
    """Finds numbers and hashes of numbers.

    Parameters
    ----------
    numbers : iterable of str
        E.164 digits.
    hashes : iterable of str
        32 hexadecimal digits, in lower case.
    national : bool
        Whether a number is also found without its country.

    Examples
    --------
    >>> finder = Finder(["447700900001"])
    >>> finder.mask("call +44 (0) 7700-900001 on 2026-11-24")
    'call +*** on 2026-11-24'
    >>> finder.mask('{"to":447700900001,"x":"%34%34%37700900001","y":"4477009000012"}')
    '{"to":"***","x":"***","y":"4477009000012"}'
    """

    def __init__(
        self, numbers: Iterable[str], hashes: Iterable[str] = (), *, national: bool = False
    ) -> None:
        self.numbers = frozenset(numbers)
        self.hashes = frozenset(hashes)
        forms = set(self.numbers)
        for number in self.numbers if national else ():
            forms.update(national_forms(number))
        self._forms = frozenset(forms)
        self.tails = frozenset(_tail(form) for form in self.numbers)

    def holds(self, text: str) -> bool:
        """Whether a text has one of the numbers or hashes, in any spelling."""
        return any(True for _ in self._spans(text))

    def mask(self, text: str) -> str:
        """Replace the digits of each number, and each hash, by three asterisks."""
        masked = self._mask(text, 0)
        return self._mask_text(masked) if self.holds(masked) else masked

    def is_one(self, text: str) -> bool:
        """Whether a text is nothing but one of the numbers, in any spelling."""
        return _ALONE.fullmatch(self._mask_text(text)) is not None

    def _mask(self, text: str, depth: int) -> str:
        start = text.lstrip(BLANK)[:1]
        if start in ("{", "[") and depth < _NESTED:
            parsed = parse_json('{"":' + text.strip(BLANK) + "}")
            if not isinstance(parsed, Malformed) and len(parsed) == 1:
                return escape_surrogates(to_json(self._mask_value(parsed[""], depth + 1)))
        return self._mask_text(text)

    def _mask_value(self, value: Value, depth: int) -> Value:
        if isinstance(value, Number):
            return MASKED if self.holds(value) or _whole(value) in self._forms else value
        if isinstance(value, str):
            return self._mask(value, depth) if self.holds(value) else value
        if isinstance(value, dict):
            members: dict[str, Value] = {}
            for name, member in value.items():
                append_value(members, self._mask_text(name), self._mask_value(member, depth))
            return members
        if isinstance(value, list):
            return [self._mask_value(item, depth) for item in value]
        return value

    def _mask_text(self, text: str) -> str:
        for start, end in _merged(self._spans(text)):
            text = text[:start] + MASKED + text[end:]
        return text

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the numbers and hashes are in a text."""
        level = _Decoded(text, [], [])
        for _ in range(_LEVELS):
            for start, end in self._found(level.text):
                if level.starts:
                    yield level.starts[start], level.ends[end - 1]
                else:
                    yield start, end
            decoded = _decode(level)
            if decoded is None:
                return
            level = decoded

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        yield from self._found_whole(text)
        yield from self._found_in_groups(text)

    def _found_whole(self, text: str) -> Iterator[tuple[int, int]]:
        """Hashes, and numbers with an exponent."""
        for match in _HASH.finditer(text) if self.hashes else ():
            if match[0].lower() in self.hashes:
                yield match.span()
        for match in _EXPONENT.finditer(text):
            if _whole(match[0]) in self._forms:
                yield match.span()

    def _found_in_groups(self, text: str) -> Iterator[tuple[int, int]]:
        """Numbers whose digits are written in groups."""
        groups = [(match.start(), match.end()) for match in _GROUP.finditer(text)]
        if not self._may_hold("".join([_as_ascii(text[start:end]) for start, end in groups])):
            return
        for first, (start, _) in enumerate(groups):
            digits, before = "", start
            for at in range(first, len(groups)):
                begin, end = groups[at]
                if begin > start and not _BETWEEN.fullmatch(text, before, begin):
                    break
                group = _as_ascii(text[begin:end])
                is_trunk = group == "0" and text[begin - 1] + text[end : end + 1] == "()"
                if not (digits and is_trunk):
                    digits += group
                if len(digits) > _LONGEST:
                    break
                if digits.removeprefix("00") in self._forms or digits in self._forms:
                    yield start, end
                before = end

    def _may_hold(self, digits: str) -> bool:
        """Whether the last digits of a number are among all digits of a text."""
        if len(self.tails) <= _FEW:
            return any(tail in digits for tail in self.tails)
        sizes = {len(tail) for tail in self.tails}
        return any(
            digits[at : at + size] in self.tails for size in sizes for at in range(len(digits))
        )


def national_forms(number: str) -> set[str]:
    """How a number is written in its country, without separators.

    Examples
    --------
    >>> sorted(national_forms("447700900001"))
    ['07700900001', '7700900001']
    """
    national = number.removeprefix(calling_code(number))
    return {form for form in (national, f"0{national}") if len(form) >= _TAIL - 1}


def _tail(number: str) -> str:
    """Last digits, which are in a row in any spelling if separators are left out."""
    return number.removeprefix(calling_code(number))[-_TAIL:] or number[-4:]


def _whole(number: str) -> str | None:
    """The digits of a JSON number that is a whole one, like 4.477e11."""
    try:
        value = Decimal(number)
        if not value.is_finite() or abs(value.adjusted()) > _WIDEST or value != value.to_integral():
            return None
    except InvalidOperation:
        return None
    return str(abs(int(value)))


def _as_ascii(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _merged(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that do not overlap, the last one first."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged[::-1]


def _decode(level: _Decoded) -> _Decoded | None:
    """Undo one level of encoding; None where there is none."""
    if "%" not in level.text and "\\" not in level.text:
        return None
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    known = level.starts or range(len(level.text))
    after = level.ends or range(1, len(level.text) + 1)
    done = 0

    def copy(until: int) -> None:
        pieces.append(level.text[done:until])
        starts.extend(known[done:until])
        ends.extend(after[done:until])

    for match in _ESCAPE.finditer(level.text):
        copy(match.start())
        for character, begin, end in _characters(match):
            pieces.append(character)
            starts.append(known[begin])
            ends.append(after[end - 1])
        done = match.end()
    if not done:
        return None
    copy(len(level.text))
    return _Decoded("".join(pieces), starts, ends)


def _characters(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """Decoded characters, each with its place."""
    if not match["percent"]:
        code = match["u"] or match["x"]
        yield chr(int(code, 16)) if code else " ", match.start(), match.end()
        return
    data = bytes.fromhex(match["percent"].replace("%", ""))
    at = 0
    while at < len(data):
        lead = data[at]
        size = 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        try:
            character = data[at : at + size].decode()
        except UnicodeDecodeError:
            character, size = "\ufffd", 1
        begin = match.start() + 3 * at
        yield character, begin, min(begin + 3 * size, match.end())
        at += size
