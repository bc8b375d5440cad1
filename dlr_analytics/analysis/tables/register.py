"""``db.register``: a table of the user's own beside messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlr_analytics.analysis.dimensions import must_be_free, must_be_name
from dlr_analytics.analysis.engines.copy_relation import quoted
from dlr_analytics.analysis.engines.duckdb import Connection, connect, engine_errors
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.query import BUCKETS
from dlr_analytics.analysis.sandbox.condition import check_expression
from dlr_analytics.analysis.sandbox.parse_tree import allowed_names
from dlr_analytics.analysis.tables.reading import copy_table
from dlr_analytics.analysis.tables.table import (
    On,
    Table,
    failing,
    joined,
    key_names,
    key_text,
    parse_on,
    to_option,
    write_keyed,
)
from dlr_analytics.errors import UnknownName, UsageError
from dlr_analytics.store.spill import spill_folder
from dlr_analytics.store.sql import from_files

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database


def register(self: Database, name: str, table: Any, on: On) -> int:
    """Make the columns of a table usable in ``by`` and ``where``.

    The table itself can be read by its name in ``sql`` and in subqueries. It is copied. Keys are
    compared as text without space around it, those of ``message_id`` without regard to case, those
    of ``msisdn`` in any spelling; a NULL key equals nothing. A message without a row has NULL in
    all columns. Equal rows count once.

    Parameters
    ----------
    name : str
        A name that is registered already is replaced; if that fails, the old table stays.
    table : DataFrame, Arrow table, DuckDB relation, or path
        A path is one to CSV, TSV, JSON, JSON lines or Parquet.
    on : str, sequence of str, or mapping
        Columns that both have, or ``{"column of the table": "SQL over messages"}``.

    Returns
    -------
    int
        How many messages have a row.

    Raises
    ------
    UsageError
        If the table cannot be read or lacks a key, if rows of one key differ, or if a name is
        taken.

    Examples
    --------
    >>> import pandas as pd
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> tiers = pd.DataFrame({"network_code": ["23410", "23415"], "tier": ["gold", "silver"]})
    >>> db.register("tiers", tiers, on="network_code") == len(
    ...     db.messages.filter("network_code in ('23410', '23415')")
    ... )
    True
    >>> db.cost(by="tier").columns[0]
    'tier'
    """
    must_be_name("table", name)
    keys = parse_on(name, on)
    tables = self._tables
    if tables.folder is None:
        tables.folder = spill_folder(self.data)
        self._snapshots.forget()
    others = {one: found for one, found in tables.registered.items() if one != name}
    snapshot = self._snapshots.shut()
    try:
        with engine_errors(), connect(self._settings.memory, spill_folder(self.data)) as reader:
            _must_be_unused(snapshot.connection, name, tables.registered)
            made = _copied(reader, snapshot.connection, name, table, keys, others, tables.folder)
            made = replace(made, option=to_option(name, table, on))
            before = dict(tables.registered)
            tables.registered[name] = made
            try:
                return _matches(self._snapshots.shut().connection, made)
            except BaseException:
                tables.registered.clear()
                tables.registered.update(before)
                raise
    except EngineError as error:
        raise failing(name, error) from None


def _copied(
    reader: Connection,
    connection: Connection,
    name: str,
    table: Any,
    keys: dict[str, str | None],
    others: Mapping[str, Table],
    folder: Path,
) -> Table:
    """Copy a table and check it against messages and the other tables."""
    number = len(list(folder.iterdir()))
    rows, keyed = folder / f"{number}-rows.parquet", folder / f"{number}-keyed.parquet"
    copy_table(reader, name, table, list(keys), rows)
    found = reader.sql(f"from {from_files([rows])}")
    kinds = dict(zip(found.columns, map(str, found.types), strict=True))
    messages = connection.table("messages").columns
    for key, sql in keys.items():
        if key not in kinds:
            raise UnknownName(f"column of the table {name}", key, kinds)
        if sql is None and key not in messages:
            raise UnknownName("column of messages", key, messages)
        if sql is not None:
            check_expression(connection, f"table {name}: on: {key}", sql)
    own = [column for column in kinds if column not in keys]
    subject = f"table {name}"
    must_be_free(subject, own, messages, "messages")
    must_be_free(subject, own, BUCKETS, "the time of messages")
    for other in others.values():
        must_be_free(subject, own, other.columns, f"the table {other.name}")
    taken = {one.casefold() for one in (*messages, *BUCKETS, *own)}
    taken |= {one.casefold() for other in others.values() for one in other.columns}
    usable = (*own, *(key for key in keys if key.casefold() not in taken))
    of = {key: _column(key, sql, messages) for key, sql in keys.items()}
    equal = [
        _message_key(connection, quoted(key) if sql is None else f"({sql})", of[key])
        for key, sql in keys.items()
    ]
    names = dict(zip(key_names(len(keys), kinds), equal, strict=True))
    made = Table(name, usable, names, rows, keyed)
    write_keyed(reader, made, kinds, of)
    return made


def _column(key: str, sql: str | None, messages: list[str]) -> str | None:
    """The column of messages that a key is; None if it is computed."""
    name = key if sql is None else sql.strip().lower().removeprefix("messages.")
    return name if name in messages else None


def _message_key(connection: Connection, sql: str, of: str | None) -> str:
    sql = f"messages.{sql}" if not sql.startswith("(") else sql
    return key_text(sql, str(connection.sql(f"select {sql} from messages").types[0]), of)


def _must_be_unused(connection: Connection, name: str, registered: Mapping[str, Table]) -> None:
    same = [one for one in registered if one.casefold() == name.casefold()]
    if same == [name]:
        return
    system = connection.sql("select view_name from duckdb_views() where internal").fetchall()
    names = allowed_names(connection, outside=False).relations | {row[0] for row in system}
    if name.lower() in names or same:
        raise UsageError(f"table {name}: the database has the name", "give another name")


def _matches(connection: Connection, table: Table) -> int:
    key = f"{quoted(table.name)}.{next(iter(table.keys))}"
    statement = f"select count({key}) from {joined('messages', [table])}"
    ((count,),) = connection.sql(statement).fetchall()
    return int(count)
