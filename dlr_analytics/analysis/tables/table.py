"""Registered tables: their columns are usable in ``by`` and ``where``.

A table is copied to Parquet when it is registered: as it is, for ``sql`` and subqueries, and with
one row for each key, to be joined with messages. Keys are compared as text. Since no key has two
rows, no table changes how many messages there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dlr_analytics.analysis.dimensions import must_be_text, unused
from dlr_analytics.analysis.engines.copy_relation import quoted
from dlr_analytics.analysis.engines.duckdb import Connection
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.errors import UsageError
from dlr_analytics.store.sql import from_files

On = str | Sequence[str] | Mapping[str, str]
"""Columns that a table and messages have, or the table's columns and SQL over messages."""

SCHEMA: Final = "keyed"
"""The namespace of the tables with one row for each key."""


@dataclass(frozen=True, slots=True)
class Table:
    """A registered table.

    Attributes
    ----------
    name : str
        Its name in SQL.
    columns : tuple of str
        What ``by`` and ``where`` may use.
    keys : mapping of str to str
        The columns of keys in ``keyed``, and what they equal: SQL over messages.
    rows, keyed : path
        The table as it was registered, and with one row for each key.
    option : str
        What registers it on the command line; empty where it comes from no file.
    """

    name: str
    columns: tuple[str, ...]
    keys: Mapping[str, str]
    rows: Path
    keyed: Path
    option: str = ""

    @property
    def join(self) -> str:
        """The join with messages; it keeps each message once."""
        name = quoted(self.name)
        equal = " and ".join(f"{name}.{key} = {sql}" for key, sql in self.keys.items())
        return f"left join {SCHEMA}.{name} as {name} on {equal}"

    def is_used(self, text: str) -> bool:
        """Whether SQL may use the table: it names a column of it, or any column."""
        text = text.casefold()
        names = [name.casefold() for name in (self.name, *self.columns)]
        named = any(name in text or name.replace('"', '""') in text for name in names)
        return named or "*" in text or "columns" in text


@dataclass(slots=True)
class Tables:
    """The registered tables by name, and the folder of their files, once there is one."""

    folder: Path | None = None
    registered: dict[str, Table] = field(default_factory=dict)

    @property
    def all(self) -> tuple[Table, ...]:
        """The tables, in the order of their registration."""
        return tuple(self.registered.values())

    def copy(self) -> Tables:
        """The same tables, to which others can be added."""
        return Tables(self.folder, dict(self.registered))

    def bind(self, connection: Connection, bound: dict[str, Table]) -> bool:
        """Create or replace the tables' views on a connection that has those of ``bound``.

        ``bound`` is updated; returns whether anything has changed.
        """
        if bound == self.registered:
            return False
        connection.execute(f"create schema if not exists {SCHEMA}")
        for name in bound.keys() - self.registered.keys():
            connection.execute(f"drop view main.{quoted(name)}")
            connection.execute(f"drop view {SCHEMA}.{quoted(name)}")
        for table in self.registered.values():
            for schema, file in (("main", table.rows), (SCHEMA, table.keyed)):
                view = f"create or replace view {schema}.{quoted(table.name)}"
                connection.execute(f"{view} as from {from_files([file])}")
        bound.clear()
        bound.update(self.registered)
        return True


def joined(relation: str, tables: Iterable[Table]) -> str:
    """The text after FROM: a relation as ``messages``, and tables beside it."""
    return " ".join([f"{relation} as messages", *(table.join for table in tables)])


def parse_on(name: str, on: Any) -> dict[str, str | None]:
    """The key columns of a table, and the SQL that they equal; None: the same column.

    Examples
    --------
    >>> parse_on("tiers", "network_code, sender")
    {'network_code': None, 'sender': None}
    """
    if isinstance(on, Mapping):
        keys = {must_be_text(f"table {name}: on", key): sql for key, sql in on.items()}
        for key, sql in keys.items():
            must_be_text(f"table {name}: on: {key}", sql)
    else:
        parts = on.split(",") if isinstance(on, str) else on
        keys = {must_be_text(f"table {name}: on", part).strip(): None for part in parts or ()}
    if not keys or "" in keys:
        raise UsageError(f"table {name}: no key", "name the column that messages have too")
    return keys


def key_text(sql: str, kind: str, of: str | None) -> str:
    """SQL that compares a value as a key: as text without space around it.

    ``of`` is the column of messages that it is; message IDs have no case, numbers any spelling.
    """
    text = f"cast({sql} as varchar)"
    if kind in ("DOUBLE", "FLOAT"):
        # A whole number that pandas made a float beside a NULL, which became NaN.
        text = (
            f"case when isnan({sql}) then null when {sql} = trunc({sql}) and abs({sql}) < 1e18"
            f" then cast(cast({sql} as bigint) as varchar) else {text} end"
        )
    text = f"trim({text}, e' \\t\\n\\r')"
    if of == "message_id":
        return f"lower({text})"
    if of == "msisdn":
        return f"regexp_replace(regexp_replace({text}, '[\\s().+/-]', '', 'g'), '^00', '')"
    return text


def write_keyed(
    connection: Connection,
    table: Table,
    kinds: Mapping[str, str],
    of: Mapping[str, str | None],
) -> None:
    """Write the file with one row for each key.

    Raises
    ------
    UsageError
        If rows of one key differ; it names the key.
    """
    shown = [name for name in of if name in table.columns]
    own = [name for name in table.columns if name not in of]
    keys = dict(zip(table.keys, of, strict=True))
    selected = [
        *(f"{key_text(quoted(c), kinds[c], of[c])} as {key}" for key, c in keys.items()),
        *(quoted(name) for name in (*shown, *own)),
    ]
    grouped = [*keys, *map(quoted, own)]
    columns = [*keys, *(f"min({quoted(n)}) as {quoted(n)}" for n in shown), *map(quoted, own)]
    not_null = " and ".join(f"{key} is not null" for key in keys)
    statement = (
        f"select {', '.join(columns)} from (select {', '.join(selected)} from"
        f" {from_files([table.rows])}) where {not_null} group by {', '.join(grouped)}"
    )
    connection.sql(statement).write_parquet(str(table.keyed))
    twice = connection.sql(
        f"select {', '.join(keys)} from {from_files([table.keyed])}"
        f" group by all having count(*) > 1 order by all limit 1"
    ).fetchall()
    if twice:
        named = ", ".join(f"{c} = {v!r}" for c, v in zip(of, twice[0], strict=True))
        raise UsageError(
            f"table {table.name}: rows with {named} differ", "leave one row for each key"
        )


def key_names(count: int, columns: Iterable[str]) -> list[str]:
    """Names for the columns of keys, unlike those of a table."""
    prefix = unused("key_", columns)
    return [f"{prefix}{place}" for place in range(count)]


_FILE: Final = re.compile(
    r"(.*?\.(?:csv|tsv|json|jsonl|ndjson|parquet)(?:\.gz|\.zst)?):(.+)", re.IGNORECASE | re.DOTALL
)


def from_option(value: str) -> tuple[str, Path, On]:
    """Parse ``NAME=FILE:KEY``; KEY is columns, or COLUMN=SQL.

    Examples
    --------
    >>> from_option("tiers=own/tiers.csv:network_code")
    ('tiers', PosixPath('own/tiers.csv'), 'network_code')
    """
    name, equals, rest = value.partition("=")
    found = _FILE.fullmatch(rest)
    file, key = found.groups() if found else rest.rpartition(":")[::2]
    if not equals or not file or not key:
        raise UsageError(f"--table: {value!r} is not NAME=FILE:KEY", "like t=t.csv:sender")
    column, expression, sql = key.partition("=")
    return name.strip(), Path(file), {column.strip(): sql} if expression else key


def to_option(name: str, table: Any, on: On) -> str:
    """Write what :func:`from_option` parses; empty for what it cannot.

    Examples
    --------
    >>> to_option("tiers", "own/tiers.csv", ["network_code", "sender"])
    'tiers=own/tiers.csv:network_code,sender'
    >>> to_option("tiers", "tiers.csv", {"code": "left(network_code, 3)"})
    'tiers=tiers.csv:code=left(network_code, 3)'
    """
    if not isinstance(table, str | Path):
        return ""
    if isinstance(on, Mapping):
        key = "=".join(next(iter(on.items()))) if len(on) == 1 else ""
    else:
        key = on if isinstance(on, str) else ",".join(on)
    return f"{name}={table}:{key}" if key else ""


def failing(name: str, error: EngineError) -> UsageError:
    """The error for a table that cannot be read."""
    return UsageError(f"table {name}: {error}", "give a table, or a file that can be read")
