"""Reports made by hand, so that words and looks are tested without data."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dlr_analytics.report.model import Place, Report, Tally
from tests.support import reports


@pytest.fixture
def report() -> Report:
    """An ordinary report."""
    return reports.made_report()


@pytest.fixture
def found() -> Report:
    """A report with findings and a period before."""
    return reports.found_report()


@pytest.fixture
def found_own() -> Report:
    """A report with findings and two dimensions of the user's own."""
    return reports.own_report()


@pytest.fixture
def few() -> Report:
    """A report of few messages."""
    return reports.few_report()


@pytest.fixture
def empty() -> Report:
    """A report of an empty period."""
    return reports.empty_report()


@pytest.fixture
def make_place() -> Callable[..., Place]:
    """Makes a place of a tally."""
    return reports.place


@pytest.fixture
def make_tally() -> Callable[..., Tally]:
    """Makes a tally of a number of messages and a rate."""
    return reports.tally
