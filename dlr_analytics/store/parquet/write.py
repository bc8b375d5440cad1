"""How Parquet files of ours are written: by DuckDB, with a checksum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from dlr_analytics.store.format import FORMAT
from dlr_analytics.store.parquet.checksum import FORMAT_KEY, add_sum
from dlr_analytics.store.sql import DEFAULT_OPTIONS, literal, to_parquet


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    path: Path,
    options: Iterable[str] = DEFAULT_OPTIONS,
    footer: Mapping[str, str] | None = None,
) -> str:
    """Write the result of a query to a Parquet file with a checksum; not synced.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Runs the query.
    query : str
        SQL text of one SELECT.
    path : path
        In a staging folder, since the checksum is added to the finished file. An existing file is
        replaced.
    options : iterable of str, optional
        Options of COPY.
    footer : mapping of str to str, optional
        Further keys and values for the footer.

    Returns
    -------
    str
        The checksum, as 64 hexadecimal digits: equal rows, options and keys give equal ones.

    Raises
    ------
    duckdb.Error, OSError
        The file is incomplete then.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> with duckdb.connect() as connection:
    ...     checksum = write_parquet(connection, "select 1 as a", path)
    ...     connection.execute(f"from '{path}'").fetchall()
    [(1,)]
    """
    keys = {FORMAT_KEY: str(FORMAT), **(footer or {})}
    metadata = ", ".join(f"{key}: {literal(value)}" for key, value in keys.items())
    connection.execute(to_parquet(query, path, [*options, f"kv_metadata {{{metadata}}}"]))
    return add_sum(path)
