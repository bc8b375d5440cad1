"""statsmodels, where it has the same thing: a stranger's word on the interval."""

from __future__ import annotations

from pathlib import Path

import pytest
from statsmodels.stats.proportion import proportion_confint

import dlr_analytics

SAMPLE = Path(__file__).parents[2] / "tests" / "data" / "sample"


@pytest.mark.parametrize("by", ["network_code", "day", "err_code"])
def test_the_interval_is_wilson_s_where_nothing_is_pending(by: str) -> None:
    rates = dlr_analytics.open(SAMPLE).delivery_rate(by=by).df()
    settled = rates[rates["pending"] == 0]
    assert len(settled) > 5
    low, high = proportion_confint(settled["delivered"], settled["messages"], 0.05, "wilson")
    assert settled["ci_low"].to_list() == pytest.approx(low.astype(float).to_list(), abs=1e-12)
    assert settled["ci_high"].to_list() == pytest.approx(high.astype(float).to_list(), abs=1e-12)
