"""The t distribution against scipy, and Benjamini and Hochberg against statsmodels."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from dlr_analytics.analysis.studies.significance import adjusted, critical_t, two_sided_p


@given(st.floats(-1e6, 1e6), st.integers(1, 60))
def test_p_is_scipy_s(t: float, degrees: int) -> None:
    assert two_sided_p(t, degrees) == pytest.approx(2 * stats.t.sf(abs(t), degrees), abs=1e-12)


@pytest.mark.parametrize("degrees", range(1, 60))
def test_the_extremes_are_one_and_zero(degrees: int) -> None:
    assert two_sided_p(0.0, degrees) == 1.0
    assert two_sided_p(math.inf, degrees) == two_sided_p(-math.inf, degrees) == 0.0


@pytest.mark.parametrize("level", [0.05, 0.01])
@pytest.mark.parametrize("degrees", range(1, 60))
def test_the_critical_value_is_scipy_s(degrees: int, level: float) -> None:
    assert critical_t(degrees, level) == pytest.approx(stats.t.isf(level / 2, degrees), rel=1e-9)


@given(st.lists(st.floats(0, 1), max_size=40))
def test_the_adjustment_is_statsmodels_s(probabilities: list[float]) -> None:
    expected = multipletests(probabilities, method="fdr_bh")[1] if probabilities else []
    assert adjusted(probabilities) == pytest.approx(list(expected), abs=1e-15)
