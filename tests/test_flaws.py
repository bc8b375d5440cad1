"""Every problem is a flaw with a meaning and an effect."""

from __future__ import annotations

from collections import Counter

from dlr_analytics.flaws import FLAWS
from dlr_analytics.vocabulary import PROBLEMS


def test_every_word_in_problems_is_a_flaw() -> None:
    assert PROBLEMS.keys() <= {flaw.problem for flaw in FLAWS}


def test_a_flaw_has_one_name() -> None:
    assert set(Counter(flaw.problem for flaw in FLAWS).values()) == {1}


def test_a_flaw_is_of_a_receipt_or_of_a_message() -> None:
    assert {flaw.level for flaw in FLAWS} == {"receipt", "message", "other"}


def test_a_flaw_says_what_it_means_and_does() -> None:
    assert all(flaw.meaning and flaw.effect for flaw in FLAWS)
