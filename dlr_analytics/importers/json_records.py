"""JSON records of a text: lines, pretty-printed, arrays, Reports API answers.

A line that is a whole object is one record, as is each element of an array and of the member
``records`` of an object, which is the envelope of the Reports API. Only a line that begins an array
or ends with an open bracket or a comma is continued by the next ones, so a truncated line of a log
spoils no other. A document of many lines is scanned bracket by bracket: only one of its
records is in memory, and none may be longer than LONGEST_LINE, as no line may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dlr_analytics.importers.fields import plain_name
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import LONGEST_LINE, Text, numbered_lines
from dlr_analytics.webhook.parameters import Malformed, Parameters, last, parse_json

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s"\[\]{},:]+')
_ARRAY: Final = re.compile(r"\[\s*(?:[\[{\]]|$)")
_ENVELOPE: Final = "records"

_NO_OBJECT: Final = "in a list of records, but not a JSON object"
_NO_END: Final = "not JSON: the value that begins here does not end"
_TOO_LONG: Final = f"a record longer than {LONGEST_LINE} characters"


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """A JSON object; ``text`` is the line if it is the whole line, else None."""

    line: int
    fields: Parameters
    text: str | None = None


def is_json(text: Text) -> bool:
    """Check whether a text begins like a JSON object or an array of objects."""
    return text.first.startswith("{") or _ARRAY.match(text.first) is not None


def json_records(text: Text) -> Iterator[JsonRecord | Refused]:
    r"""Read the records of a text; what cannot be parsed is refused at its first line.

    Examples
    --------
    >>> lines = ['{"records": [\n', '{"message_id":\n', '"0A"},\n', '7\n', ']}\n']
    >>> for found in json_records(Text("answer.json", lines[0], iter(lines))):
    ...     print(found)
    JsonRecord(line=2, fields={'message_id': '0A'}, text=None)
    Refused(line=4, reason='in a list of records, but not a JSON object')
    """
    document: _Document | None = None
    for item in numbered_lines(text):
        if isinstance(item, Refused):
            yield item
            if document is not None:
                document.is_damaged = True
            continue
        number, line = item
        if document is not None and document.is_broken_by(line):
            yield Refused(document.line, _NO_END)
            document = None
        if document is None:
            found = _record_of_line(number, line)
            if found is not None:
                yield from _unfolded(found)
                continue
            document = _Document(number)
        yield from document.feed(number, line)
        if not document.brackets:
            document = None
    if document is not None:
        yield Refused(document.line, _NO_END)


def _record_of_line(number: int, line: str) -> JsonRecord | Refused | None:
    """The record that a line is; None if it is the first of several, or an array."""
    start = line.lstrip()
    if _ARRAY.match(start):
        return None
    parsed = parse_json(start)
    if not isinstance(parsed, Malformed):
        return JsonRecord(number, parsed, line)
    if start.startswith("{") and start.rstrip().endswith(("{", "[", ",")):
        return None
    return Refused(number, parsed.reason)


def _unfolded(record: JsonRecord | Refused) -> Iterator[JsonRecord | Refused]:
    """The records inside an envelope, or the record itself."""
    if isinstance(record, Refused):
        yield record
        return
    name = next((name for name in record.fields if plain_name(name) == _ENVELOPE), None)
    inside = None if name is None else last(record.fields[name])
    if not isinstance(inside, list):
        yield record
        return
    for part in inside:
        if isinstance(part, dict):
            yield from _unfolded(JsonRecord(record.line, part))
        else:
            yield Refused(record.line, _NO_OBJECT)


@dataclass(slots=True)
class _Document:
    """A JSON value of several lines, scanned line by line.

    ``brackets`` are the open ones; ``depth`` is how many of them enclose a record: 0 in an object,
    1 in an array, 2 in an envelope, -1 behind its records. ``record`` collects the record that
    began in line ``start``, 0 if none did.
    """

    line: int
    brackets: list[str] = field(default_factory=list)
    depth: int = 0
    member: str = ""
    start: int = 0
    record: list[str] = field(default_factory=list)
    size: int = 0
    end: str = ""
    is_damaged: bool = False

    def is_broken_by(self, line: str) -> bool:
        """Check for an object where a member of an object is due: it ended too early."""
        inside = self.brackets[-1:] == ["{"]
        return inside and self.end != ":" and line.lstrip().startswith("{")

    def feed(self, number: int, line: str) -> Iterator[JsonRecord | Refused]:
        """Scan the next line and yield the records that end in it."""
        begin = 0
        for token in _TOKEN.finditer(line):
            if token[0] in ("}", "]"):
                self.brackets[-1:] = []
                if self.start and len(self.brackets) == self.depth:
                    self._collect(line[begin : token.end()])
                    yield from self._finished()
                elif len(self.brackets) < self.depth:
                    self.depth = len(self.brackets) - 2
                continue
            is_record = not self.start and len(self.brackets) == self.depth
            if is_record and token[0] == "{":
                self.start, begin = number, token.start()
            elif is_record and (self.depth or token[0] != "["):
                yield Refused(number, _NO_OBJECT)
            self._enter(token[0])
        self.end = line.rstrip()[-1:]
        if self.start:
            self._collect(line[begin:] + "\n")

    def _enter(self, mark: str) -> None:
        """Note an open bracket, and where the records are in it; or a member's name."""
        if mark == "[":
            if not self.brackets:
                self.depth = 1
            elif self._is_envelope():
                self._drop()
                self.depth = 2
        if mark in ("{", "["):
            self.brackets.append(mark)
        elif len(self.brackets) == 1:
            self.member = mark

    def _is_envelope(self) -> bool:
        return self.brackets == ["{"] and plain_name(self.member) == _ENVELOPE

    def _collect(self, text: str) -> None:
        self.size += len(text)
        if self.size <= LONGEST_LINE:
            self.record.append(text)

    def _drop(self) -> None:
        self.record, self.size, self.start, self.is_damaged = [], 0, 0, False

    def _finished(self) -> Iterator[JsonRecord | Refused]:
        line, text = self.start, "".join(self.record)
        too_long, is_damaged = self.size > LONGEST_LINE, self.is_damaged
        self._drop()
        parsed = parse_json(text)
        if too_long:
            yield Refused(line, _TOO_LONG)
        elif is_damaged or isinstance(parsed, Malformed):
            reason = parsed.reason if isinstance(parsed, Malformed) else "has an unreadable line"
            yield Refused(line, reason)
        else:
            yield from _unfolded(JsonRecord(line, parsed))
