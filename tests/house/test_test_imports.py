"""What test modules share lies in tests/support or tests/fakes, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SHARED = {"support", "fakes"}
"""Folders that each test may import from."""

FILES = sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py"))


def imported_files(file: str) -> Iterator[tuple[int, Path]]:
    """Line and file, relative to tests/, of each import of another module of the tests."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        for module in modules:
            top, *parts = module.split(".")
            if top == "tests":
                whole, parent = Path(*parts), Path(*parts[:-1])
                is_module = (TESTS / whole).with_suffix(".py").exists()
                yield node.lineno, (whole if is_module else parent).with_suffix(".py")


@pytest.mark.parametrize("file", FILES)
def test_a_file_imports_from_shared_folders_and_from_modules_of_its_own_folder(file: str) -> None:
    for line, other in imported_files(file):
        assert (TESTS / other).exists(), f"{file}:{line} imports {other}"
        assert not other.name.startswith(("test_", "conftest")), f"{file}:{line} imports {other}"
        own = other.parent == Path(file).parent
        assert own or other.parts[0] in ("support", "fakes"), f"{file}:{line} imports {other}"
