"""The recipes of docs/architecture.md name files that exist and mention the recipe's example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CHAPTER = PAGE.partition("\n## How to add\n")[2].partition("\n## ")[0]
ADDITIONS = {
    "a column of `messages`",
    "a metric",
    "a chart",
    "a report section",
    "an import format",
    "a command",
    "a study",
}
COMPLETE = ("a column of `messages`", "an import format")
"""Recipes whose example occurs in no other file of the package."""


@dataclass(frozen=True)
class Recipe:
    """A row of the table: what to add, the files to edit, and an example of such an addition."""

    addition: str
    code: tuple[str, ...]
    docs: tuple[str, ...]
    example: str

    def paths(self) -> list[str]:
        """The files, with the example in place of ``NAME``."""
        return [path.replace("NAME", self.example) for path in (*self.code, *self.docs)]


def recipes() -> Iterator[Recipe]:
    """The rows of the table."""
    for line in CHAPTER.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and "`" in cells[1]:
            code, docs, (example,) = (tuple(re.findall("`(.+?)`", cell)) for cell in cells[1:])
            yield Recipe(cells[0], code, docs, example)


RECIPES = {recipe.addition: recipe for recipe in recipes()}


def mentions(path: Path, example: str) -> bool:
    """Whether a file's name or text has the example, in any spelling of its separators."""
    spelling = re.compile(rf"(?<![a-z]){re.sub('_', '[-_ ]', example)}s?(?![a-z])", re.IGNORECASE)
    return path.stem == example or spelling.search(path.read_text(encoding="utf-8")) is not None


def test_there_is_a_recipe_for_each_usual_addition() -> None:
    assert ADDITIONS - RECIPES.keys() == set()


@pytest.mark.parametrize("addition", RECIPES)
def test_a_recipe_names_files_that_exist_and_mention_its_example(addition: str) -> None:
    recipe = RECIPES[addition]
    for path in recipe.paths():
        assert (ROOT / path).is_file(), path
        assert mentions(ROOT / path, recipe.example), f"{path} has no {recipe.example}"


@pytest.mark.parametrize("addition", COMPLETE)
def test_a_recipe_names_all_files_that_mention_its_example(addition: str) -> None:
    recipe = RECIPES[addition]
    word = re.compile(rf"\b{recipe.example}\b")
    found = {
        path.relative_to(ROOT).as_posix()
        for ending in ("py", "sql", "html")
        for path in (ROOT / "dlr_analytics").rglob(f"*.{ending}")
        if path.stem == recipe.example or word.search(path.read_text(encoding="utf-8"))
    }
    assert found == {path for path in recipe.paths() if path.startswith("dlr_analytics/")}


def test_each_path_on_the_page_exists() -> None:
    named = re.findall(r"`((?:dlr_analytics|docs|tests)/[^`*…]+)`", PAGE)
    assert named
    assert [path for path in named if "NAME" not in path and not (ROOT / path).exists()] == []
