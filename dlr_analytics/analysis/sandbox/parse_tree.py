"""The check that everything in the parse tree of a query only reads.

DuckDB's own parser makes the tree. Each node must be of a kind that is listed here, each function
and table known to only read. All else is refused, so that a kind of statement that a later DuckDB
adds is refused until it is listed.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import duckdb

from dlr_analytics.errors import RefusedStatement

Node = dict[str, Any]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NODES: Final = _words(
    "SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE "
    "BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EMPTY EXPRESSION_LIST PIVOT SHOW_REF "
    "ORDER_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER DISTINCT_MODIFIER "
    "ORDER_DEFAULT ASCENDING DESCENDING"
)
"""Queries, the sources in FROM, and the modifiers of a query. COPY, INSERT and similar statements,
which a WITH may contain, have kinds of their own."""

EXPRESSIONS: Final = _words(
    "BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA OPERATOR "
    "POSITIONAL_REFERENCE STAR SUBQUERY TYPE WINDOW"
)
"""Classes of expressions."""

PUBLIC_RELATIONS: Final = ("receipts", "messages", "sends", "networks", "err_codes")
"""The documented relations."""

ROW_GENERATORS: Final = _words("generate_series json_each json_tree range repeat repeat_row unnest")
"""Table functions that make rows from their arguments."""

CATALOGUE_FUNCTIONS: Final = _words(
    "duckdb_columns duckdb_constraints duckdb_databases duckdb_functions duckdb_keywords "
    "duckdb_schemas duckdb_settings duckdb_tables duckdb_types duckdb_views icu_calendar_names "
    "pg_timezone_names pragma_table_info pragma_version"
)
"""Table functions that describe the database."""

FILE_READERS: Final = _words(
    "glob parquet_file_metadata parquet_kv_metadata parquet_metadata parquet_scan parquet_schema "
    "read_blob read_csv read_csv_auto read_json read_json_auto read_json_objects "
    "read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_parquet "
    "read_text sniff_csv"
)
"""Table functions that read the user's files."""

READABLE_SUFFIXES: Final = tuple(
    f".{kind}{packed}"
    for kind in ("csv", "tsv", "json", "jsonl", "ndjson", "parquet")
    for packed in ("", ".gz", ".zst")
)
"""Suffixes of files that FROM may name; a database file would be attached."""

WRITING_OPTIONS: Final = frozenset({"rejects_scan", "rejects_table", "store_rejects"})
"""Options of ``read_csv`` that create tables for rejected lines."""

VOLATILE: Final = frozenset({"gen_random_uuid", "random", "uuid", "uuidv4", "uuidv7"})
"""Functions that DuckDB marks as having side effects, and that change nothing."""

TEXT_BINDERS: Final = frozenset({"json_serialize_plan"})
"""Functions that bind a statement in a text, which is not part of the tree."""

_PLAIN: Final = re.compile(r"[\w ]+")
"""Names that cannot mean a file."""


@dataclass(frozen=True, slots=True)
class AllowedNames:
    """The names that a query may use, in lower case, and whether it may read files."""

    functions: frozenset[str]
    relations: frozenset[str]
    table_functions: frozenset[str]
    files: bool


def allowed_names(connection: duckdb.DuckDBPyConnection, *, outside: bool) -> AllowedNames:
    """Collect the names that a query on this connection may use.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The query may read its relations and call its functions without side effects.
    outside : bool
        Whether the user's own files and the catalogue may be read too.
    """
    functions = _column(
        connection,
        "select lower(function_name) from duckdb_functions() "
        "where function_type in ('scalar', 'aggregate', 'macro', 'window') "
        "and not starts_with(function_name, '__internal') "
        "group by all having not bool_or(coalesce(has_side_effects, false))",
    )
    own = _column(
        connection,
        "select lower(table_name) from duckdb_tables() "
        "union all select lower(view_name) from duckdb_views() where not internal",
    )
    known = AllowedNames((functions | VOLATILE) - TEXT_BINDERS, own, ROW_GENERATORS, files=False)
    if not outside:
        return known
    system = _column(connection, "select lower(view_name) from duckdb_views() where internal")
    return replace(
        known,
        relations=own | system,
        table_functions=ROW_GENERATORS | CATALOGUE_FUNCTIONS | FILE_READERS,
        files=True,
    )


def parse(connection: duckdb.DuckDBPyConnection, text: str) -> Node | None:
    """Parse one query; None if the text is not one query, or is nested too deeply."""
    rows = connection.execute("select json_serialize_sql($1::varchar)", [text]).fetchall()
    try:
        tree: Node = json.loads(rows[0][0])
    except RecursionError:
        return None
    return None if tree["error"] or len(tree["statements"]) != 1 else tree


def check_reads_only(subject: str, tree: Node, allowed: AllowedNames) -> None:
    """Check each node of a tree; ``subject`` names its source in the error.

    Raises
    ------
    RefusedStatement
        If a node may do more than read, or names a relation that may not be read.
    """
    named = {entry["key"].lower() for node in nodes(tree) for entry in _named_queries(node)}
    # Outside its scope a name of WITH may mean a file: names that could be one are not accepted.
    plain = {name for name in named if _PLAIN.fullmatch(name)}
    allowed = replace(allowed, relations=allowed.relations | plain)
    for node in nodes(tree):
        if node.get("class") == "PARAMETER":
            raise RefusedStatement(
                f"{subject}: the parameter ${node['identifier']} has no value",
                "write the value in its place",
            )
        refused = _refused(node, allowed)
        if refused:
            raise RefusedStatement(f"{subject}: {refused} may do more than read", "leave it out")
        unknown = _unknown_relation(node, allowed)
        if unknown:
            near = difflib.get_close_matches(unknown.lower(), PUBLIC_RELATIONS, n=1)
            guess = f"did you mean {near[0]}? Name" if near else "name"
            readable = ", or a file like x.csv or x.parquet" if allowed.files else ""
            raise RefusedStatement(
                f"{subject}: there is no relation {unknown} that may be read",
                f"{guess} one of {', '.join(PUBLIC_RELATIONS)}{readable}",
            )


def is_file(node: Node) -> bool:
    """Whether a source in FROM is a name like a file's.

    It is one quoted name: for a dotted one DuckDB looks for a Python variable too.
    """
    if "class" in node or node.get("type") != "BASE_TABLE":
        return False
    path: list[str] = node["qualified_name"]["path"]
    return len(path) == 1 and path[0].lower().endswith(READABLE_SUFFIXES) and "://" not in path[0]


def statement_type(statement: duckdb.Statement) -> duckdb.StatementType | None:
    """The type of a statement; None for types that the binding has no name for."""
    try:
        return statement.type
    except ValueError:
        return None


def _column(connection: duckdb.DuckDBPyConnection, statement: str) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute(statement).fetchall())


def nodes(tree: Node) -> Iterator[Node]:
    """Iterate over all objects of a tree, without recursion: it may be deep."""
    pending: list[Any] = [tree]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _named_queries(node: Node) -> list[Node]:
    found = node.get("cte_map") or {"map": []}
    return list(found["map"])


def _refused(node: Node, allowed: AllowedNames) -> str:
    """The part of a node that may do more than read; empty if there is none."""
    if "class" in node:
        return _refused_expression(node, allowed)
    kind = node.get("type")
    if not isinstance(kind, str):
        return ""
    if kind not in NODES:
        return kind.removesuffix("_NODE").removesuffix("_QUERY")
    if kind == "TABLE_FUNCTION":
        return _refused_table_function(node["function"], allowed)
    return ""


def _refused_expression(node: Node, allowed: AllowedNames) -> str:
    if node["class"] not in EXPRESSIONS:
        return str(node["class"])
    if node["class"] in ("FUNCTION", "WINDOW"):
        name = node["function_name"].lower()
        if name not in allowed.functions | allowed.table_functions:
            return f"the function {name}"
    return ""


def _refused_table_function(function: Node, allowed: AllowedNames) -> str:
    name = function["function_name"].lower()
    if name not in allowed.table_functions:
        return f"the table function {name}"
    words = {word.lower() for node in nodes(function) for word in _option_names(node)}
    writing = sorted(words & WRITING_OPTIONS)
    return f"the option {writing[0]} of {name}" if writing else ""


def _option_names(node: Node) -> list[str]:
    """The name of an option: ``name := value``, or ``name = value``, a comparison."""
    return [node["name"]] if "name" in node else node.get("column_names", [])


def _unknown_relation(node: Node, allowed: AllowedNames) -> str:
    """The relation that a node names and that may not be read; empty if there is none."""
    if "class" in node or node.get("type") != "BASE_TABLE":
        return ""
    path: list[str] = node["qualified_name"]["path"]
    name = path[-1].lower()
    if name in allowed.relations:
        return ""
    if allowed.files and is_file(node):
        return ""
    return ".".join(path)
