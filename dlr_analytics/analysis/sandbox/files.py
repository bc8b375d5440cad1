"""Check that a statement reads the user's own files only, not the system's.

``/proc/self/environ`` has the secrets that ``getenv`` would return, a file of the settings has
them too. DuckDB opens a path by many names (links, ``..``, ``file://``, patterns), so names are
resolved to the files that they mean. Only names written out can be: a computed one is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analysis.sandbox.parse_tree import FILE_READERS, Node, is_file, nodes
from dlr_analytics.errors import RefusedStatement
from dlr_analytics.settings import secret_files

_SYSTEM: Final = (Path("/proc"), Path("/sys"), Path("/dev"))
_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - users' files, and only read
_SCHEME: Final = re.compile(r"file:(//(localhost)?)?(?=/)", re.IGNORECASE)


def check_files(connection: duckdb.DuckDBPyConnection, tree: Node) -> None:
    """Check the files that a query names.

    Raises
    ------
    RefusedStatement
        If one is a file of the system (``/proc``, ``/sys``, ``/dev``) or of the settings' secrets,
        or if a name is computed.
    """
    for name in _names(tree):
        for path in (name, *_matches(connection, name)):
            if is_forbidden(path):
                raise RefusedStatement(
                    f"sql: {name!r} is a file of the system or of secrets",
                    "name a file of your own",
                )


def _names(tree: Node) -> Iterator[str]:
    """The names and patterns of files in a tree."""
    for node in nodes(tree):
        if is_file(node):
            yield node["qualified_name"]["path"][0]
        elif node.get("class") == "FUNCTION" and node["function_name"].lower() in FILE_READERS:
            for argument in node["arguments"]:
                value = argument["expression"]
                # Options: name := value, or name = value, a comparison.
                if not argument["name"] and value["class"] != "COMPARISON":
                    yield from _literals(value)


def _literals(value: Node) -> Iterator[str]:
    """The texts of a text or a list of texts."""
    if value["class"] == "FUNCTION" and value["function_name"].lower() in ("list_value", "row"):
        for argument in value["arguments"]:
            yield from _literals(argument["expression"])
    elif value["class"] == "CONSTANT" and "text" in value.get("literal", {}):
        yield str(value["literal"]["text"])
    else:
        raise RefusedStatement("sql: the name of a file is computed", "write it out: 'x.csv'")


def _matches(connection: duckdb.DuckDBPyConnection, pattern: str) -> list[str]:
    try:
        return [path for (path,) in connection.execute("from glob($1)", [pattern]).fetchall()]
    except duckdb.Error:
        return []  # reading it fails likewise


def is_forbidden(name: str) -> bool:
    """Whether a name is that of a file of the system or of secrets."""
    try:
        path = Path(os.path.realpath(Path(_SCHEME.sub("", name, count=1)).expanduser()))
    except (ValueError, RuntimeError):
        return True  # a NUL in the name, or the home of nobody
    if any(path.is_relative_to(folder) for folder in _SYSTEM):
        return not path.is_relative_to(_SHARED_MEMORY)
    return path.exists() and any(secret.samefile(path) for secret in secret_files())
