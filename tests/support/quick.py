"""Few parameters or examples each time, all of them in ``make test-slow``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


def pairs(firsts: Sequence[Any], seconds: Sequence[Any]) -> list[Any]:
    """Each pair of values, slow but for as many as have each value of both.

    Examples
    --------
    >>> for pair in pairs("ab", "xyz"):
    ...     print(*pair.values, *(mark.name for mark in pair.marks))
    a x
    a y slow
    a z
    b x slow
    b y
    b z slow
    """
    most = max(len(firsts), len(seconds))
    quick = {(n % len(firsts), n % len(seconds)) for n in range(most)}
    return [
        pytest.param(first, second, marks=() if (i, j) in quick else pytest.mark.slow)
        for i, first in enumerate(firsts)
        for j, second in enumerate(seconds)
    ]


def more_in_slow(few: int, many: int) -> pytest.MarkDecorator:
    """Give a test ``examples``: few of them, and once more many in ``make test-slow``."""
    return pytest.mark.parametrize("examples", [few, pytest.param(many, marks=pytest.mark.slow)])
