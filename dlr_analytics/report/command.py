"""The command that makes a report again, quoted for a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from dlr_analytics.analysis.filters import DEFAULT_CHANNEL
from dlr_analytics.analysis.tables.table import Table
from dlr_analytics.analysis.timezones import local
from dlr_analytics.report.changes import Cause, Scope
from dlr_analytics.report.gather.period import Span
from dlr_analytics.report.request import Request
from dlr_analytics.store.sql import literal

_ACTIVE: Final = frozenset('"$\\!')
"""What a shell reads within double quotes, and an interactive one may."""

_PLAIN: Final = re.compile(r"[^`\\']")
"""What may stand as it is within ``$'…'``, if it is printable; a backtick would end code."""


def line(words: Iterable[str]) -> str:
    r"""Quote words for a shell, on one line of printable characters without backticks.

    Words that a POSIX shell cannot quote in that way are written as ``$'…'`` with their bytes,
    which bash, zsh and ksh read.

    Examples
    --------
    >>> print(line(["dlr", "--where", "country = 'GB'", "--title", "a`b\n"]))
    dlr --where "country = 'GB'" --title $'a\x60b\x0a'
    """
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if word.isprintable() and "`" not in word:
        return f'"{word}"' if "'" in word and not set(word) & _ACTIVE else shlex.quote(word)
    return f"$'{''.join(map(_escaped, word))}'"


def _escaped(character: str) -> str:
    if character.isprintable() and _PLAIN.fullmatch(character):
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def repeat(
    request: Request, data: Path, span: Span, channel: str, tables: Sequence[Table] = ()
) -> str:
    """Return the command that makes this report again from the same data.

    ``tables`` are the registered ones; it names those that it uses, if they come from files.
    """
    words = ["dlr", "report", "--data", str(data)]
    if request.month is not None:
        words += ["--month", request.month]
    else:
        words += _limits(request, span)
    words += _basis(request, channel)
    expressions = dict(request.expressions)
    for name in request.by:
        words += ["--by", f"{name}={expressions[name]}" if name in expressions else name]
    words += _tables([*request.by, *expressions.values(), request.where or ""], tables)
    if request.where is not None:
        words += ["--where", request.where]
    if request.title:
        words += ["--title", request.title]
    if request.target is not None:
        words += ["--target", str(request.target)]
    return line(words)


def options(request: Request, data: Path, span: Span, channel: str) -> str:
    """Return what a query takes to read a report's messages, except its condition."""
    return line([*_common(request, data, channel), *_limits(request, span)])


def _tables(texts: Iterable[str], tables: Iterable[Table]) -> list[str]:
    """The options for the registered tables from files that SQL uses."""
    text = " ".join(texts)
    used = [table.option for table in tables if table.option and table.is_used(text)]
    return [word for option in used for word in ("--table", option)]


@dataclass(frozen=True, slots=True)
class Calls:
    """Writes commands that list messages of a report, from the same data.

    ``own`` has the SQL of own dimensions by name; ``tables`` are the registered ones.
    """

    request: Request
    data: Path
    channel: str
    own: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[Table] = ()

    def errors(self, scope: Scope, cause: Cause | None, first: date, last: date) -> str:
        """List undelivered messages of a scope, with a cause, of some days."""
        conditions = [_equals(self.own.get(name, name), value) for name, value in scope]
        if cause is not None and cause.err_codes:
            codes = ", ".join(map(str, cause.err_codes))
            conditions.append(f"err_code in ({codes})" if "," in codes else f"err_code = {codes}")
        elif cause is not None:
            conditions.append(f"outcome = {literal(cause.outcome)} and err_code is null")
        return self._query(["errors", "--by", "message_id"], conditions, first, last)

    def prices(self, network_code: str, first: date, last: date) -> str:
        """List the prices of a network by day."""
        conditions = [_equals("network_code", network_code)]
        return self._query(["cost", "--by", "day, price"], conditions, first, last)

    def _query(self, asked: list[str], conditions: list[str], first: date, last: date) -> str:
        request = self.request
        if request.where is not None:
            conditions = [f"({request.where})", *conditions]
        words = ["dlr", "query", *asked]
        if conditions:
            words += ["--where", " and ".join(conditions)]
        words += ["--since", str(first), "--until", str(last + timedelta(days=1))]
        words += _tables(conditions, self.tables)
        return line([*words, *_common(request, self.data, self.channel)])


def _equals(name: str, value: str | None) -> str:
    return f"{name} is null" if value is None else f"{name} = {literal(value)}"


def _common(request: Request, data: Path, channel: str) -> list[str]:
    """The options that a query has in common with its report."""
    return ["--data", str(data), *_basis(request, channel)]


def _limits(request: Request, span: Span) -> list[str]:
    since, until = (_argument(local(moment, request.tz)) for moment in (span.since, span.until))
    return ["--since", since, "--until", until]


def _basis(request: Request, channel: str) -> list[str]:
    """The options on what is counted, those of them that are not the default."""
    words = []
    if request.as_of is not None:
        words += ["--as-of", _argument(local(request.as_of, request.tz))]
    if channel != DEFAULT_CHANNEL:
        words += ["--channel", channel]
    if request.tz != "UTC":
        words += ["--tz", request.tz]
    if request.unit != "message":
        words += ["--unit", request.unit]
    return words


def _argument(moment: datetime) -> str:
    """Write a time as an argument: midnight as its day."""
    return str(moment.date()) if moment.time() == time() else moment.isoformat()
