"""Few parameters or examples in ``make test``, the others in the longer targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


def first_quick(values: Sequence[Any], quick: int = 1) -> list[Any]:
    """The values as parameters, thorough but for the first ones.

    Examples
    --------
    >>> for value in first_quick("abc"):
    ...     print(*value.values, *(mark.name for mark in value.marks))
    a
    b thorough
    c thorough
    """
    return [
        pytest.param(value, marks=() if index < quick else pytest.mark.thorough)
        for index, value in enumerate(values)
    ]


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
