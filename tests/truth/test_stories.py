"""docs/truth.md: what it says and draws is what the sample says today."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.truth.stories import DOCS, STORIES, files

pytestmark = pytest.mark.thorough

Files = dict[str, str]


@pytest.fixture(scope="module")
def today() -> Files:
    """What would be written now."""
    return dict(files())


@pytest.mark.parametrize("name", ["truth.md", *(f"truth-{story}.svg" for story in STORIES)])
def test_the_page_and_its_charts_are_those_of_the_sample(today: Files, name: str) -> None:
    """Where it fails: ``python -m tests.truth.stories``, and read what the page says then."""
    assert (DOCS / name).read_text(encoding="utf-8") == today[name]


@pytest.mark.parametrize("story", STORIES)
def test_a_chart_is_one_small_picture_with_a_sentence(today: Files, story: str) -> None:
    text = today[f"truth-{story}.svg"]
    picture = ElementTree.fromstring(text)
    assert picture.get("aria-label", "").endswith(".")
    assert len(text) < 40_000
    assert f"](truth-{story}.svg)" in today["truth.md"]
