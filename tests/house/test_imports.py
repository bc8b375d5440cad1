"""The import rule of the house, over the syntax tree of every file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "dlr_analytics"
MAY_ENTER = {
    "top": set(),
    "settings": {"top"},
    "webhook": {"top", "settings"},
    "store": {"top", "settings", "webhook"},
    "bucket": {"top", "settings", "store"},
    "importers": {"top", "settings", "webhook", "store"},
    "receiver": {"top", "settings", "webhook", "store"},
    "analysis": {"top", "settings", "webhook", "store", "bucket"},
    "erasure": {"top", "settings", "webhook", "store", "analysis"},
    "presentation": {"top"},
    "report": {"top", "settings", "store", "analysis", "presentation"},
    "notebook": {"top", "settings", "analysis", "presentation", "report"},
    "spark": {"top", "settings", "webhook", "store", "analysis", "notebook"},
    "connect": {"top", "settings", "webhook", "store"},
    "simulate": {"top", "settings", "webhook"},
}
"""Which rooms the files of a room may import from, besides their own; ``cli`` may enter all."""

EXCEPTIONS = {
    "analysis/calls/recording.py": {"importers"},  # db.record_sends reads records as importers do
    "analysis/reconcile.py": {"importers"},  # db.reconcile reads exports as importers do
}
"""Rooms that single files may enter, and why."""

ROOMS = {*MAY_ENTER, "cli"} - {"top"}

LIBRARIES = {
    "top": set(),
    "settings": set(),
    "webhook": {"jwt"},
    "store": {"duckdb"},
    "bucket": {"obstore", "fsspec", "duckdb"},
    "importers": set(),
    "receiver": {"tornado", "prometheus_client", "jinja2"},
    "analysis": {"duckdb", "pandas", "numpy", "polars", "pyarrow", "sqlglot", "pyspark", "py4j"},
    "erasure": {"duckdb"},
    "presentation": {"xlsxwriter"},
    "report": {"jinja2", "markupsafe", "pandas", "tqdm"},
    "notebook": {
        *("jinja2", "markupsafe", "plotly", "pandas", "IPython"),
        *("nbformat", "nbclient", "jupyter_client", "nbconvert", "traitlets", "anywidget"),
    },
    "spark": {"pyspark", "sqlglot"},
    "connect": set(),
    "simulate": set(),
    "cli": {"click", "tqdm"},
}
"""Libraries that a room may use: tornado in receiver and nowhere else, and so on."""

USES_DUCKDB = {
    "analysis/engines/duckdb.py",
    "analysis/engines/copy_relation.py",
    "analysis/engines/typed_relation.py",
    # Conditions and statements are parsed by DuckDB and run on a locked connection of its own.
    "analysis/sandbox/condition.py",
    "analysis/sandbox/files.py",
    "analysis/sandbox/lockdown.py",
    "analysis/sandbox/parse_tree.py",
    "analysis/sandbox/pivot.py",
    "analysis/sandbox/statement.py",
}
"""Files of analysis that import duckdb; the others know the engine's protocol only."""

LIGHT = {"top", "settings", "webhook", "simulate"}
"""Rooms that ``cli`` may import before it knows which command runs."""

COMPOSITION_ROOT = {"__init__.py", "__main__.py"}
"""``open()`` puts the rooms together, ``python -m`` starts the command line."""

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def room_of(file: str) -> str:
    """Which room a file lies in."""
    first, _, rest = file.partition("/")
    return first if rest and first in ROOMS else "top"


def is_for_types(node: ast.AST) -> bool:
    """Whether a statement is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imported(file: str) -> Iterator[tuple[str, int, bool]]:
    """Module, line, and whether nothing is loaded by it at once, of every import.

    That is so inside a function, and where only a type checker looks.
    """
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    late = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) or is_for_types(outer)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            yield name, node.lineno, id(node) in late


def room_of_module(module: str) -> str:
    """Which room ``dlr_analytics.x.y`` lies in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "top"


@pytest.mark.parametrize("file", [f for f in FILES if f not in COMPOSITION_ROOT])
def test_a_file_imports_only_from_rooms_it_may_enter(file: str) -> None:
    room = room_of(file)
    for module, line, late in imported(file):
        if not module.startswith("dlr_analytics."):
            continue
        entered = room_of_module(module)
        allowed = MAY_ENTER.get(room, ROOMS | {"top"}) | EXCEPTIONS.get(file, set()) | {room}
        assert entered in allowed, f"{file}:{line} enters {entered}"
        if room == "cli" and entered not in {"cli", *LIGHT}:
            assert late, f"{file}:{line} imports {module} before its command runs"


@pytest.mark.parametrize("file", FILES)
def test_a_file_uses_only_the_libraries_of_its_room(file: str) -> None:
    allowed = LIBRARIES[room_of(file)]
    for module, line, _ in imported(file):
        library = module.partition(".")[0]
        if library in sys.stdlib_module_names or library == "dlr_analytics":
            continue
        assert library in allowed, f"{file}:{line} uses {library}"


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith("analysis/")])
def test_only_the_engine_of_analysis_imports_duckdb(file: str) -> None:
    if file not in USES_DUCKDB:
        now = [line for module, line, late in imported(file) if module == "duckdb" and not late]
        assert now == [], f"{file}:{now} imports duckdb"


def test_each_folder_is_a_room_with_its_rule() -> None:
    folders = {path.parent.relative_to(PACKAGE).parts[0] for path in PACKAGE.glob("*/__init__.py")}
    assert folders == ROOMS


def loaded_by(modules: str) -> set[str]:
    """Libraries and rooms that a new process has loaded after it imported these modules."""
    code = f"import sys, {modules}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = [name.split(".") for name in done.stdout.split()]
    return {name[0] for name in names} | {
        name[1] for name in names if name[0] == "dlr_analytics" and name[1:]
    }


def test_importing_the_package_loads_no_library() -> None:
    heavy = {
        "duckdb",
        "pandas",
        "numpy",
        "plotly",
        "tornado",
        "jinja2",
        "click",
        "pyarrow",
        "obstore",
        "fsspec",
        "pyspark",
        "sqlglot",
    }
    assert heavy.isdisjoint(loaded_by("dlr_analytics, dlr_analytics.spark"))


def test_the_receiver_loads_neither_analysis_nor_its_libraries() -> None:
    room = [file.removesuffix(".py") for file in FILES if file.startswith("receiver/")]
    modules = [f"dlr_analytics.{file.replace('/', '.')}" for file in room]
    loaded = loaded_by(", ".join(modules))
    assert "receiver" in loaded
    assert loaded.isdisjoint(
        {"duckdb", "pyarrow", "pandas", "numpy", "plotly", "obstore", "analysis"}
    )
