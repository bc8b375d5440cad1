"""Make the pictures of docs/cookbook.md: ``python -m tests.support.recipe_pictures [WORD …]``.

Each is what its recipe shows in a notebook, over the world of :mod:`tests.support.cookbook`: the
chart if there is one, else the table. The recipes of studies show the pictures of docs/studies.
"""

from __future__ import annotations

import contextlib
import csv
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import dlr_analytics as dlr
from dlr_analytics.notebook.magic import DlrMagics
from tests.support.cookbook import DEARER, FALLEN, ROOT, Recipe, recipes, store_world
from tests.support.study_pictures import photograph, photograph_table

FOLDER: Final = ROOT / "docs" / "cookbook"


def shown(recipe: Recipe) -> Any:
    """What a recipe shows: a figure or a result."""
    db = dlr.open("data")
    if recipe.language == "python":
        return recipe.value(db=db) or db.delivery_rate(by="network_code").plot()  # which it sends
    if recipe.language == "sql":
        return db.sql(recipe.code)
    if recipe.arguments()[0] == "sql":
        db.register("used", "conversions.csv", on="client_ref")
        return db.sql(recipe.arguments()[-1])
    if "tiers" in recipe.code:
        return db.register("tiers", "tiers.csv", on="network_code") and db.cost(by="tier").plot()
    line = recipe.code.partition(" ")[2].removeprefix("query ")
    magics: Any = DlrMagics()
    return magics.dlr(f"{line.strip()} --data data").plot()


def draw(recipe: Recipe) -> None:
    """Photograph what a recipe shows into docs/cookbook."""
    path = ROOT / "docs" / recipe.picture
    if path.parent != FOLDER:
        return
    value = shown(recipe)
    if hasattr(value, "write_html"):
        photograph(value, path)
    else:
        photograph_table(value, path)


def main(words: list[str]) -> None:
    """Draw the pictures whose question has one of the words; all without any."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        simulation = store_world(Path("data"))
        with Path("conversions.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("client_ref", "used_at"), *simulation.conversions])
        Path("tiers.csv").write_text(f"network_code,tier\n{FALLEN},gold\n{DEARER},tin\n")
        for question, recipe in recipes().items():
            if not words or any(word in question for word in words):
                draw(recipe)


if __name__ == "__main__":
    main(sys.argv[1:])
