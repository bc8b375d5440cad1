"""The statements that Spark runs too: written within what both engines answer alike."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlglot
from sqlglot import exp

from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.engines.translation import translate
from dlr_analytics.analysis.filters import Filters
from dlr_analytics.analysis.messages.pipeline import STEPS, Stage, statement
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.analysis.query import BUCKETS, load
from tests.support.all_statements import SQL

OUTCOMES = [
    step.source
    for step in STEPS
    if step.stage in (Stage.TOTALS, Stage.OUTCOMES) and isinstance(step.source, str)
]
QUESTIONS = sorted(
    f"metrics/{path.stem}"
    for path in (SQL / "metrics").glob("*.sql")
    if path.stem not in ("latency_push", "latency_carrier")  # parts of latency
)
FILTERS = Filters(
    by=("day", "weekday", "network_code", "first"),
    since=dt.datetime(2026, 11, 1),
    where="country = 'GB'",
    tz="Europe/London",
    unit="sms",
    expressions=(("first", "lower(sender)"),),
)
NO_SUCH = exp.DataType.Type.TIME, exp.DataType.Type.TIMETZ
"""Types that Spark has not, or not in every release."""


def text_of(name: str) -> str:
    """A statement as it is, with the parts of others that it names."""
    folder, _, metric = name.partition("/")
    return load(metric).text if folder == "metrics" else statement(name)


def as_is(namespace: str, name: str) -> str:
    return name


@pytest.mark.parametrize("name", [*OUTCOMES, *QUESTIONS])
def test_it_becomes_a_statement_that_spark_parses(name: str) -> None:
    tree = sqlglot.parse_one(translate(text_of(name), as_is), read="spark")
    assert [node.sql() for node in tree.find_all(exp.Anonymous)] == []


@pytest.mark.parametrize("name", [*OUTCOMES, *QUESTIONS])
def test_it_uses_nothing_that_spark_answers_otherwise_or_not_at_all(name: str) -> None:
    tree = sqlglot.parse_one(text_of(name), read="duckdb")
    for window in tree.find_all(exp.Window):
        ranked = isinstance(window.this, exp.RowNumber | exp.DenseRank | exp.Lead)
        assert window.args.get("order") or not ranked, window.sql()
    for select in tree.find_all(exp.Select):
        assert sum(isinstance(one.unalias(), exp.Unnest) for one in select.selects) <= 1
    # `len` of a list is the length of a text on Spark; 1.0 is a decimal there, and so is its share.
    assert [node.sql() for node in tree.find_all(exp.Length)] == []
    assert not {"1.0", "0.0", "0.5", "2.0"} & {node.name for node in tree.find_all(exp.Literal)}
    assert [one.sql() for one in tree.find_all(exp.Cast) if one.to.this in NO_SUCH] == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_named_query_of_a_question_has_a_name_of_its_own(name: str) -> None:
    tree = sqlglot.parse_one(text_of(name), read="duckdb")
    names = [query.alias for query in tree.find_all(exp.CTE)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("metric", METRICS)
def test_filters_and_buckets_are_translated_too(metric: str) -> None:
    known = ["network_code", "country", "sender"]
    text = load(metric).statement(FILTERS, known)
    read: set[tuple[str, str]] = set()

    def note(namespace: str, name: str) -> str:
        read.add((namespace, name))
        return f"dlr_{namespace}_{name}"

    translated = translate(text, note)
    assert "FROM_UTC_TIMESTAMP(message_time, 'Europe/London')" in translated
    assert "AT TIME ZONE" not in translated
    assert ("pipeline", "sms_outcomes" if metric == "quality" else "sms") in read
    assert not {name for _, name in read} & {"selected", "counted", "considered"}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_times_that_are_cut_keep_no_time_zone(bucket: str) -> None:
    text = f"select {BUCKETS[bucket].format(local='message_time')} as x from messages"
    tree = sqlglot.parse_one(translate(text, as_is), read="spark")
    for cut in tree.find_all(exp.TimestampTrunc, exp.DateTrunc):
        assert isinstance(cut.parent, exp.Cast)
        assert cut.parent.to.this == exp.DataType.Type.TIMESTAMPNTZ


def test_a_named_query_is_no_relation_and_may_read_one_of_its_own_name() -> None:
    text = "with messages as (select * from main.messages) select * from messages"
    assert translate(text, lambda namespace, name: f"{namespace}_{name}") == (
        "WITH messages AS (SELECT * FROM main_messages AS messages) SELECT * FROM messages"
    )


def test_a_time_zone_in_another_form_is_refused() -> None:
    """DuckDB reads a naive time in the zone, Spark's function does the reverse."""
    with pytest.raises(EngineError, match="no equivalent on Spark"):
        translate("select sent_at at time zone 'Asia/Kolkata' from messages", as_is)


def test_a_statement_that_is_none_is_refused() -> None:
    with pytest.raises(EngineError, match="no equivalent on Spark"):
        translate("select (", as_is)


def test_every_question_is_tested() -> None:
    assert {f"metrics/{name.replace('-', '_')}" for name in METRICS} <= set(QUESTIONS)


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("lower(x)", "LOWER(TRANSLATE(x, 'İΣ', 'iσ'))"),
        ("x not ilike 'A%'", "NOT LIKE LOWER("),
        ("rtrim(x)", "TRIM(TRAILING ' \u00a0"),
        ("trim(x, 'ab')", "TRIM('ab' FROM x)"),
        ("list_contains(x, 'a')", "IF(x IS NULL, NULL, COALESCE(ARRAY_CONTAINS(x, 'a'), FALSE))"),
        ("regexp_matches(lower(x), '^a$') = true", r"'iσ')) RLIKE '(?d)^a\\z') = TRUE"),
        (r"regexp_matches(x, '^\w+[.$]')", r"(x RLIKE '(?d)^\\w+[.$]')"),
        (r"regexp_matches(x, '(?i)a')", "(x RLIKE '(?i)a')"),
    ],
)
def test_functions_get_the_values_of_duckdb(text: str, translated: str) -> None:
    assert translated in translate(f"select {text} as v from t", as_is)
