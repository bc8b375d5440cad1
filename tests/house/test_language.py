"""The package speaks the field's language: no private words where a reader looks first."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "dlr_analytics"
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

WORDS = re.compile(
    r"\b(tells?|told|hears?|heard|kept|whoever|anew|mend\w*|foresight|foreseen|overseer|lasted|walls"
    r"|puts? together|lets? go|stands?|stood|of which|but for|is said|said once)\b",
    re.IGNORECASE,
)
"""Words that only this project used, or that no documentation of a database uses."""

NAMES = {
    *("aside", "alone", "asked", "asking", "basis", "carry", "children", "chosen", "gate", "given"),
    *("ground", "held", "hold", "keep", "keeping", "lot", "moments", "moved", "place", "seen"),
    *("shown", "taken", "terms", "touched", "tree"),
}
"""Names of modules that say nothing to a newcomer; as a part of a longer name they may."""


def first_lines(file: str) -> list[tuple[int, str]]:
    """Line and first docstring line of a module, its classes and its functions."""
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (getattr(node, "lineno", 1), text.partition("\n")[0])
        for node in ast.walk(tree)
        if isinstance(node, documented) and (text := ast.get_docstring(node))
    ]


@pytest.mark.parametrize("file", FILES)
def test_a_docstring_begins_with_a_short_line_in_plain_words(file: str) -> None:
    for line, text in first_lines(file):
        assert len(text) <= 80, f"{file}:{line} is longer than 80 characters: {text}"
        assert not WORDS.search(text), f"{file}:{line} uses a private word: {text}"


@pytest.mark.parametrize("file", FILES)
def test_a_module_is_named_in_plain_words(file: str) -> None:
    name = Path(file).stem
    assert name not in NAMES
    assert not WORDS.search(name.replace("_", " "))
