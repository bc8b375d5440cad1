"""The user's session stays as it is, and times keep their hours in every frame."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlr_analytics
from dlr_analytics import spark as dlr_spark
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.errors import DataError, DataFolderMissing, UsageError
from tests.support.spark_cells import differing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

CALLS: dict[str, Callable[[Any], Any]] = {
    "answer": lambda db: db.delivery_rate(),
    "frame": lambda db: db.frame("delivery-rate", by="day"),
    "messages": lambda db: db.messages,
    "receipts": lambda db: db.receipts,
    "register": lambda db: db.register("dlr_"),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_active_session_is_the_users_after_each_call(
    call: str, spark: Any, on_spark: Any
) -> None:
    before = spark.conf.getAll
    CALLS[call](on_spark)
    assert type(spark).getActiveSession() is spark
    assert spark.sql("select current_timezone()").collect() == [("Asia/Kolkata",)]
    assert spark.conf.getAll == before
    assert spark.catalog.listTables() == []


def test_the_active_session_is_the_users_after_opening(spark: Any, sample: Path) -> None:
    dlr_spark.open(sample)
    assert type(spark).getActiveSession() is spark


@pytest.mark.parametrize("name", ["messages", "receipts", "sends", "networks", "err_codes"])
def test_a_relation_has_the_rows_of_duckdb(name: str, on_spark: Any, sample: Path) -> None:
    here = getattr(dlr_analytics.open(sample), name)
    there = getattr(on_spark, name)
    assert there.columns == here.columns
    assert "timestamp" not in {kind for _, kind in there.dtypes}
    rows = Counter(repr(tuple(row)) for row in here.fetchall())
    assert Counter(repr(tuple(row)) for row in there.collect()) == rows


def test_a_registered_view_has_the_same_hours_in_the_users_session(
    spark: Any, on_spark: Any, sample: Path
) -> None:
    """The session is in India: a time with a zone would be 5:30 later there."""
    on_spark.register("dlr_")
    asked = "select date_format(message_time, 'HH'), count(*) from {} group by 1 order by 1"
    there = spark.sql(asked.format("global_temp.dlr_messages")).collect()
    here = dlr_analytics.open(sample).sql(
        "select strftime(message_time, '%H'), count(*) from messages group by 1 order by 1"
    )
    assert [tuple(row) for row in there] == here.rows()
    assert spark.newSession().sql("select 1 from global_temp.dlr_sends limit 1").count() == 1


def test_a_frame_has_the_rows_and_types_of_the_result(on_spark: Any) -> None:
    asked = {"by": ["hour", "country"], "since": "2026-11-20", "tz": "Asia/Kolkata"}
    frame = on_spark.frame("cost", **asked)
    assert dict(frame.dtypes)["hour"] == "timestamp_ntz"
    assert dict(frame.dtypes)["cost_per_message"] == "decimal(18,8)"
    assert [tuple(row) for row in frame.collect()] == on_spark.cost(**asked).rows()


@pytest.mark.parametrize("metric", METRICS)
def test_a_frame_of_each_metric_has_the_columns_of_the_result(
    metric: str, on_spark: Any, sample: Path
) -> None:
    frame = on_spark.frame(metric, since="2026-11-20")
    assert tuple(frame.columns) == dlr_analytics.open(sample).ask(metric, {}).columns
    assert "timestamp" not in {kind for _, kind in frame.dtypes}


def test_as_of_is_up_to_when_messages_are_cached(on_spark: Any, sample: Path) -> None:
    here = dlr_analytics.open(sample)
    assert on_spark.as_of == here.delivery_rate().as_of
    aware = on_spark.as_of.replace(tzinfo=dt.UTC)
    for asked in ({"as_of": aware, "tz": "Asia/Kolkata"}, {"as_of": on_spark.as_of}):
        cells, different = differing(here.errors(**asked), on_spark.errors(**asked))
        assert cells
        assert different == []


@pytest.mark.parametrize(
    ("as_of", "problem"), [("2026-11-20", "to go back"), ("2026-12-01", "after it, sealed or not")]
)
def test_another_as_of_is_refused(as_of: str, problem: str, on_spark: Any) -> None:
    with pytest.raises(UsageError, match=problem):
        on_spark.delivery_rate(as_of=as_of)


def test_a_place_that_spark_cannot_read_is_named_with_the_reason(spark: Any) -> None:
    with pytest.raises(DataError, match=r"nosuch://bucket/x: No FileSystem for scheme .*nosuch"):
        dlr_spark.open("nosuch://bucket/x/", spark)


def test_a_folder_that_is_missing_is_named(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(DataFolderMissing, match=r"no folder .*/none"):
        dlr_spark.open(tmp_path / "none", spark)
    assert type(spark).getActiveSession() is spark


def test_a_failing_condition_is_named(on_spark: Any) -> None:
    with pytest.raises(UsageError, match=r"delivery-rate failed on Spark: .*fix where"):
        on_spark.delivery_rate(where="receipts * 9000000000000000000 * 9 > 1")
