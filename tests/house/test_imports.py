"""The import rule of the house, over the syntax tree of every file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "dlr_analytics"
ROOMS = (
    "webhook",
    "store",
    "importers",
    "receiver",
    "analysis",
    "presentation",
    "report",
    "notebook",
    "connect",
    "simulate",
    "cli",
)
MAY_ENTER = {
    "top": set(),
    "webhook": {"top"},
    "store": {"top", "webhook"},
    "importers": {"top", "webhook", "store"},
    "receiver": {"top", "webhook", "store"},
    "analysis": {"top", "webhook", "store", "importers"},
    "presentation": {"top"},
    "report": {"top", "webhook", "store", "analysis", "presentation"},
    "notebook": {"top", "webhook", "store", "analysis", "presentation", "report"},
    "connect": {"top", "webhook", "store"},
    "simulate": {"top", "webhook"},
    "cli": {"top", *ROOMS},
}
"""Which rooms the files of a room may import from, besides their own."""

LIBRARIES = {
    "top": set(),
    "webhook": {"jwt"},
    "store": {"duckdb"},
    "importers": set(),
    "receiver": {"tornado", "prometheus_client", "jinja2"},
    "analysis": {"duckdb", "pandas", "numpy", "sqlglot", "pyspark"},
    "presentation": set(),
    "report": {"jinja2", "markupsafe", "pandas", "xlsxwriter"},
    "notebook": {"jinja2", "markupsafe", "plotly", "pandas", "IPython"},
    "connect": set(),
    "simulate": set(),
    "cli": {"click", "tqdm"},
}
"""Libraries that a room may use: tornado in receiver and nowhere else, and so on."""

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
        assert entered in MAY_ENTER[room] | {room}, f"{file}:{line} enters {entered}"
        if room == "cli" and entered not in {"cli", "top", "webhook", "simulate"}:
            assert late, f"{file}:{line} imports {module} before its command runs"


@pytest.mark.parametrize("file", FILES)
def test_a_file_uses_only_the_libraries_of_its_room(file: str) -> None:
    allowed = LIBRARIES[room_of(file)]
    for module, line, _ in imported(file):
        library = module.partition(".")[0]
        if library in sys.stdlib_module_names or library == "dlr_analytics":
            continue
        assert library in allowed, f"{file}:{line} uses {library}"


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, dlr_analytics; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"duckdb", "pandas", "numpy", "plotly", "tornado", "jinja2", "click", "pyarrow"}
    assert heavy.isdisjoint(done.stdout.split())
