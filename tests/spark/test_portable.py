"""Users' SQL is let through on Spark, or refused, by its kinds. No JVM is started."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import sqlglot

from dlr_analytics.analysis.cache.snapshot import take
from dlr_analytics.analysis.filters import Filters
from dlr_analytics.errors import UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.spark.portable import must_be_alike
from dlr_analytics.spark.rules import RULES
from tests.spark.alike_expressions import DIFFERENT, EXPRESSIONS
from tests.spark.alike_rows import rows_on_duckdb

CONDITIONS = [
    "country = 'GB' and price > 0.05",
    "message_time >= '2026-11-01' or split_part(client_ref, '-', 1) in ('news', 'otp')",
    "case when err_code is null then false else err_code between 1 and 9 end",
    "list_contains(problems, 'price_unknown') and sender ilike 'a%' and not final",
    "date_trunc('day', sent_at) = date '2026-11-02' and length(trim(sender)) > 3",
    "case when final then 'x' else if(price > 1, sender, 'y') end not ilike '%a'",
    "regexp_matches(sender, '^[0-9]+$') and latency_s + 61 < coalesce(push_latency_s, 0)",
]
REFUSED = [
    "cast(price * 100 as integer) = 3",  # rounded, and cut there
    "date_diff('hour', sent_at, final_at) > 1",  # boundaries, and what has elapsed
    "extract('dow' from message_time) = 0",  # 0 to 6, and 1 to 7
    "cast(expected as varchar) = '0.5'",  # digits
    "sent_at at time zone 'Asia/Kolkata' > '2026-11-01'",  # the other direction
    "price / 0 is null",  # an error there
    "client_ref like 'a\\_b'",  # the backslash escapes there
    "country in (select country from networks)",
    "sms_id glob 'a*'",
    "err_code = 3!",  # which sqlglot cannot read
]


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A connection with ``messages`` and without rows."""
    return take(Settings(data=tmp_path_factory.mktemp("empty"))).connection


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_with_the_same_answer_is_let_through(text: str, connection: Any) -> None:
    must_be_alike(Filters(where=text), connection)


@pytest.mark.parametrize("text", REFUSED)
def test_a_condition_with_another_answer_on_spark_is_refused(text: str, connection: Any) -> None:
    for filters, place in (
        (Filters(where=text), "where: "),
        (Filters(expressions=(("mine", text),)), "by: mine: "),
    ):
        with pytest.raises(UsageError, match=f"^{place}.* may have another value on Spark"):
            must_be_alike(filters, connection)


@pytest.fixture(scope="module")
def rows() -> Any:
    """A connection with ``messages`` of all types."""
    return rows_on_duckdb()


@pytest.mark.parametrize("subject", EXPRESSIONS)
def test_what_is_compared_is_let_through(subject: str, rows: Any) -> None:
    for text in EXPRESSIONS[subject]:
        must_be_alike(Filters(expressions=(("mine", text),)), rows)


def test_every_kind_that_is_let_through_is_compared() -> None:
    texts = [text for some in EXPRESSIONS.values() for text in some]
    trees = [sqlglot.parse_one(text, read="duckdb") for text in texts]
    assert RULES.keys() - {type(node) for tree in trees for node in tree.walk()} == set()


@pytest.mark.parametrize("place", range(len(DIFFERENT)))
def test_what_has_another_value_is_refused(place: int, rows: Any) -> None:
    text, why = list(DIFFERENT.items())[place]
    refusals: tuple[type[Exception], ...] = (UsageError,)
    if why == "an error here":  # which DuckDB raises when it binds or when it runs, by release
        refusals += (duckdb.InvalidInputException,)
    else:
        rows.sql(f"select ({text}) from messages")
    with pytest.raises(refusals, match=r"may have another value on Spark|Invalid Input"):
        must_be_alike(Filters(expressions=(("mine", text),)), rows)
