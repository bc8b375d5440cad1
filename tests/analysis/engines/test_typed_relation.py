"""A data frame has the same types, whichever way its rows are asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dlr_analytics.analysis.database import Database
from tests.support.data_directories import database
from tests.support.pipelines import receipt

VIEWS = ["receipts", "messages", "sends", "networks", "err_codes"]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder: Path = tmp_path_factory.mktemp("data")
    return database(folder, receipt("A", price="0.0333"), receipt("B", "failed", err_code=3))


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_as_a_data_frame_is_that_of_its_statement(view: str, db: Database) -> None:
    relation = getattr(db, view).order("all")
    stated = db.sql(f"from {view} order by all").df()
    found = getattr(db, view).df()
    assert found.dtypes.to_dict() == stated.dtypes.to_dict()
    assert len(found) == len(stated) == len(relation)


@pytest.mark.parametrize("way", ["df", "to_df", "fetchdf"])
def test_each_way_to_pandas_keeps_money_exact(way: str, db: Database) -> None:
    prices = getattr(db.messages, way)()["price"].dropna()
    assert [str(price) for price in prices] == ["0.03330000"] * len(prices)
    assert len(prices) > 0


def test_the_relation_of_a_result_gives_the_frame_of_the_result(db: Database) -> None:
    for result in (db.cost(by="status"), db.sql("from messages")):
        pd.testing.assert_frame_equal(result.relation.df(), result.df())


def test_it_is_a_relation_of_duckdb_still(db: Database) -> None:
    joined = db.messages.join(db.cost(by="status").relation, "status")
    assert len(joined) == 2
    assert len(db.messages.filter("status = 'failed'")) == 1
