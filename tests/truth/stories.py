"""Writes docs/truth.md and its charts from data/sample: ``python -m tests.truth.stories``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import dlr_analytics
from dlr_analytics.analysis.database import Database
from tests.support import sample
from tests.truth.story import Story
from tests.truth.story_counts import noise, present, price
from tests.truth.story_times import seconds, zone

DOCS: Final = Path(__file__).parents[2] / "docs"
TEXT: Final = Path(__file__).with_name("stories.md")

STORIES: Final[Mapping[str, Callable[[Database], Story]]] = {
    "zone": zone,
    "seconds": seconds,
    "present": present,
    "price": price,
    "noise": noise,
}


def files() -> Iterator[tuple[str, str]]:
    """The files of docs/: name and text of the page and of each chart."""
    database = dlr_analytics.open(sample.SAMPLE)
    drawn = {name: story(database) for name, story in STORIES.items()}
    figures = {key: text for story in drawn.values() for key, text in story.figures.items()}
    yield "truth.md", TEXT.read_text(encoding="utf-8").format_map(figures)
    for name, story in drawn.items():
        yield f"truth-{name}.svg", story.chart


def main() -> None:
    """Write them."""
    for name, text in files():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
