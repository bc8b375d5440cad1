"""``db.sql`` reads tables in the caller's variables, and nothing else of the caller."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.errors import DlrError, RefusedStatement
from tests.support.data_directories import database
from tests.support.pipelines import receipt

ROWS = {"network_code": ["23410"], "tier": ["gold"]}
own = pd.DataFrame(ROWS)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return database(tmp_path, receipt("A"), receipt("B", network_code="26201"))


JOIN = "select message_id, tier from messages left join tiers using (network_code) order by all"
JOINED = [("A", "gold"), ("B", None)]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "tiers",
    [
        pd.DataFrame(ROWS),
        pl.DataFrame(ROWS),
        pa.table(ROWS),
        duckdb.connect().sql("select '23410' as network_code, 'gold' as tier"),
    ],
    ids=["pandas", "polars", "arrow", "relation"],
)
def test_a_table_in_a_variable_is_read_by_its_name(db: Database, tiers: object) -> None:
    assert db.sql(JOIN).rows() == JOINED
    assert tiers is not None


def test_results_and_relations_of_the_database_are_tables_too(db: Database) -> None:
    rate = db.delivery_rate(by="network_code", where="network_code = '23410'")
    few = db.messages.filter("message_id = 'B'")
    assert db.sql("select messages from rate").rows() == [(1,)]
    assert db.sql("select message_id from few").rows() == [("B",)]
    assert rate.messages_total == len(few)


def test_a_result_can_be_joined_with_messages(db: Database) -> None:
    rate = db.delivery_rate(by="network_code", where="network_code = '23410'")
    assert len(db.messages.join(rate.relation, "network_code")) == 1
    query = "select count(*) from rate join messages using (network_code)"
    joined = rate.relation.query("rate", query)
    assert joined is not None
    assert joined.fetchall() == [(1,)]


def test_a_variable_of_the_module_is_found_and_a_local_one_comes_first(db: Database) -> None:
    assert db.sql("select tier from own").rows() == [("gold",)]
    own = pd.DataFrame({"tier": ["lead"]})
    assert db.sql("select tier from own").rows() == [("lead",)]
    assert len(own) == 1


def test_relations_of_the_database_come_before_variables(db: Database) -> None:
    messages = pd.DataFrame({"tier": ["gold"]})
    assert db.sql("select count(*) from messages").rows() == [(2,)]
    assert len(messages) == 1


def test_no_view_stays_behind(db: Database) -> None:
    tiers = pd.DataFrame(ROWS)
    db.sql("from tiers")
    with pytest.raises(DlrError):
        db.sql("select nothing from tiers")
    del tiers
    with pytest.raises(RefusedStatement, match="no relation tiers"):
        db.sql("from tiers")


def test_where_never_sees_a_variable(db: Database) -> None:
    tiers = pd.DataFrame(ROWS)
    with pytest.raises(RefusedStatement, match="no relation tiers"):
        db.delivery_rate(where="network_code in (select network_code from tiers)")
    assert len(tiers) == 1


def test_what_is_no_table_is_not_read(db: Database) -> None:
    secret, numbers = {"a": [1]}, [1, 2]
    for name in ("secret", "numbers"):
        with pytest.raises(RefusedStatement, match=f"no relation {name}"):
            db.sql(f"from {name}")
    assert len(secret) < len(numbers)
