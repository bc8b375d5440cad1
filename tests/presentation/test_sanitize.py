"""What strangers wrote cannot break a line, turn the writing or widen a column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.presentation.sanitize import sanitize


@given(st.text())
def test_any_text_becomes_one_short_line(text: str) -> None:
    tamed = sanitize(text, limit=12)
    assert len(tamed) <= 12
    assert tamed.isprintable() or "�" in tamed or "\u200c" in tamed or "\u200d" in tamed
    assert not any(character in tamed for character in "\n\r\t\0\u202e\u2066\u200f\u2028")


@pytest.mark.parametrize(
    "name", ["Acme", "Größe & Co", "مرحبا", "短信", "O'Neil <b>", "👩\u200d👧"]
)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert sanitize(name) == name


def test_a_long_text_is_cut_and_says_so() -> None:
    assert sanitize("A" * 10_000, limit=20) == "A" * 19 + "…"


@given(st.text(st.sampled_from("\u200c\u200d\u3164\u2800\u115f\u0301\u20dd"), min_size=1))
def test_a_name_in_which_nothing_is_visible_shows_that_there_is_one(name: str) -> None:
    assert set(sanitize(name)) <= {"�", "…"}
    assert sanitize(f"A{name}").startswith("A")
