"""Every question has the same answer on Spark as on DuckDB, cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dlr_analytics
from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metrics import METRICS
from tests.support.all_statements import SQL
from tests.support.spark_cells import ASKED, differing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

STUDIES: dict[str, Any] = {
    "changes": {"by": "network_code"},
    "compare": {"by": "network_code"},
    "decompose": {"by": "country"},
    "prices": {"tz": "Europe/London"},
    "forecast": {"tz": "Asia/Kolkata"},
}
OTHERS = {
    "latency_push",  # a part of latency
    "latency_carrier",  # likewise
    "latency_curve",  # read when a latency is drawn
    "day_counts",  # read by reports, which Spark has not
    "busiest_values",  # likewise
}


def _compare(here: Path, there: Any, question: str, asked: Parameters) -> None:
    expected, found = dlr_analytics.open(here).ask(question, asked), there.ask(question, asked)
    cells, different = differing(expected, found)
    assert cells
    assert different == []
    for name in ("as_of", "span", "messages_total", "by", "filters"):
        assert getattr(found, name) == getattr(expected, name)


@pytest.mark.parametrize("asked", ["networks", "London"])
@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_the_same_in_each_cell(
    metric: str, asked: str, on_spark: Any, sample: Path
) -> None:
    _compare(sample, on_spark, metric, ASKED[asked])


@pytest.mark.parametrize("asked", ["all", "sms"])
@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_the_same_in_each_cell_of_another_world(
    metric: str, asked: str, small_on_spark: Any, small: Path
) -> None:
    _compare(small, small_on_spark, metric, ASKED[asked])


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_is_the_same_in_each_cell(study: str, on_spark: Any, sample: Path) -> None:
    _compare(sample, on_spark, study, STUDIES[study])


def test_each_statement_of_a_question_is_run() -> None:
    statements = {path.stem.replace("_", "-") for path in (SQL / "metrics").glob("*.sql")}
    assert statements - {name.replace("_", "-") for name in OTHERS} == {*METRICS, *STUDIES}


def test_a_result_draws_its_table_and_its_charts(small_on_spark: Any, small: Path) -> None:
    here, there = dlr_analytics.open(small), small_on_spark
    assert repr(there.cost(by="country")) == repr(here.cost(by="country"))
    assert there.delivery_rate(by="day").plot().data
    drawn = [db.latency().plot(kind="curve").data[0] for db in (here, there)]
    assert list(drawn[0].y) == pytest.approx(list(drawn[1].y))
