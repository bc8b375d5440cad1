"""The line format of journals: one JSON object with a checksum.

Pure: bytes in, bytes out. A line is a JSON object with all columns of ``receipts``, typed. Its
first member is a CRC-32 of the bytes that follow it, without which most flipped bits would go
unnoticed.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Final

from dlr_analytics.webhook.encoding import replace_surrogates
from dlr_analytics.webhook.receipt import COLUMNS, Receipt

_HEAD: Final = b'{"crc":"%08x",'
_HEAD_LENGTH: Final = len(_HEAD % 0)
_values: Final = attrgetter(*COLUMNS)


def encode(receipt: Receipt) -> bytes:
    """Encode a receipt as a line that DuckDB's strict ``read_json`` can read.

    Examples
    --------
    >>> now = dt.datetime(2026, 11, 24, 10, 0, 0, 5)
    >>> receipt = Receipt(
    ...     now, "0A", None, None, "23410", "delivered", 0, Decimal("0.0333"),
    ...     now, "2611241000", None, None, None, ("price_comma",), "sms", "sms", "{}",
    ... )
    >>> encode(receipt).decode()[:79]
    '{"crc":"895048c7","received_at":"2026-11-24 10:00:00.000005","message_id":"0A",'
    """
    return checksummed_line(dict(zip(COLUMNS, _values(receipt), strict=True)))


def checksummed_line(members: Mapping[str, object]) -> bytes:
    r"""Encode members as one line: a JSON object that begins with their checksum.

    Lone surrogates, which UTF-8 cannot encode, become U+FFFD: DuckDB would reject the line.

    Examples
    --------
    >>> checksummed_line({"reason": "no message ID"})
    b'{"crc":"56a895a5","reason":"no message ID"}\n'
    """
    rest = replace_surrogates(_JSON.encode(members)[1:]).encode() + b"\n"
    return _HEAD % zlib.crc32(rest) + rest


def is_intact(line: bytes) -> bool:
    """Whether a line is complete and matches its checksum.

    Examples
    --------
    >>> line = checksummed_line({"reason": "no message ID"})
    >>> is_intact(line), is_intact(line[:-1]), is_intact(line.replace(b"no", b"on"))
    (True, False, False)
    """
    return line[:_HEAD_LENGTH] == _HEAD % zlib.crc32(line[_HEAD_LENGTH:])


@dataclass(frozen=True, slots=True)
class Scan:
    """The state of a file's lines.

    ``good`` counts the intact lines; ``damaged`` holds line numbers (from 1) and bytes of lines
    that were acknowledged and fail their checksum; ``torn`` is the incomplete last line of a writer
    that died while writing, which was never acknowledged.
    """

    good: int
    damaged: tuple[tuple[int, bytes], ...]
    torn: bytes


def scan(lines: Iterable[bytes]) -> Scan:
    r"""Sort lines into good, damaged and torn.

    Examples
    --------
    >>> line = checksummed_line({"message_id": "0A"})
    >>> scan([line, b"x\n", line, line[:9]])
    Scan(good=2, damaged=((2, b'x\n'),), torn=b'{"crc":"d')
    """
    good = 0
    damaged: list[tuple[int, bytes]] = []
    torn = b""
    for number, line in enumerate(lines, start=1):
        if is_intact(line):
            good += 1
        elif line.endswith(b"\n"):
            damaged.append((number, line))
        else:
            torn = line
    return Scan(good, tuple(damaged), torn)


def _as_text(value: object) -> str:
    """Text of a value without a JSON type, as DuckDB casts it back without loss."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dt.datetime():
            return str(value)
    raise TypeError(f"{type(value).__name__} cannot be encoded in a line")


_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_text)
