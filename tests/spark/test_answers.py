"""Every question has the same answer on Spark as on DuckDB, cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dlr_analytics
from dlr_analytics.analysis.metrics import METRICS
from tests.support.spark_cells import ASKED, differing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

STUDIES: dict[str, Any] = {
    "scts-offsets": {},
    "changes": {"by": "network_code"},
    "compare": {"by": "network_code", "periods": 5},
    "decompose": {"by": "country"},
    "prices": {"tz": "Europe/London"},
    "forecast": {"tz": "Asia/Kolkata"},
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_the_same_in_each_cell(
    metric: str, asked: str, on_spark: Any, sample: Path
) -> None:
    here = dlr_analytics.open(sample).ask(metric, ASKED[asked])
    there = on_spark.ask(metric, ASKED[asked])
    cells, different = differing(here, there)
    assert cells
    assert different == []
    assert (there.as_of, there.span, there.messages_total) == (
        here.as_of,
        here.span,
        here.messages_total,
    )


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_is_the_same_in_each_cell(study: str, on_spark: Any, sample: Path) -> None:
    here = dlr_analytics.open(sample).ask(study, STUDIES[study])
    cells, different = differing(here, on_spark.ask(study, STUDIES[study]))
    assert cells
    assert different == []


def test_a_result_draws_its_chart_and_its_table(on_spark: Any) -> None:
    rate = on_spark.delivery_rate(by="country")
    assert "delivery_rate" in repr(rate)
    assert rate.plot().data
    assert on_spark.latency().plot(kind="curve").data
