"""Results made by hand, so that tables and charts are tested without data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dlr_analytics.analysis.result import Result
from tests.support import results


@pytest.fixture
def answer() -> Callable[..., Result]:
    """Makes a result of a metric with given rows."""
    return results.answer


@pytest.fixture
def rate_row() -> Callable[..., dict[str, Any]]:
    """Makes a row of ``delivery-rate``."""
    return results.rate_row
