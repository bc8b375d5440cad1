"""The statements that lead from receipts to ``messages``, each by itself."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.analysis.messages.parameters import DerivationParameters, create_parameters
from dlr_analytics.analysis.query import Query
from tests.support.pipelines import LATER, engine, receipt

STATEMENTS = {step.source: step for step in pipeline.STEPS if isinstance(step.source, str)}
"""The steps that run a statement, by its name."""

DIFFERENT_ON_SPARK = (
    exp.AnyValue,
    exp.DayOfWeek,
    exp.Extract,
    exp.PercentileCont,
    exp.PercentileDisc,
    exp.Quantile,
    exp.Unnest,
)
"""Silently another answer there, or none, as was measured."""


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_goes_through_sqlglot_to_spark(name: str) -> None:
    (translated,) = sqlglot.transpile(
        pipeline.statement(name),
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )
    tree = sqlglot.parse_one(translated, read="spark")
    assert [node.sql() for node in tree.find_all(exp.Anonymous)] == []


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_uses_nothing_that_spark_answers_otherwise_or_not_at_all(name: str) -> None:
    tree = sqlglot.parse_one(pipeline.statement(name), read="duckdb")
    assert [node.sql() for node in tree.find_all(*DIFFERENT_ON_SPARK)] == []
    for window in tree.find_all(exp.Window):
        assert not isinstance(window.this, exp.Filter), window.sql()
        assert not (window.args.get("alias") and window.args.get("spec")), window.sql()
    for difference in tree.find_all(exp.DateDiff):
        _must_count_what_has_elapsed(difference)
    for chosen in tree.find_all(exp.ArgMin, exp.ArgMax):
        _must_skip_nulls(chosen)


def _must_count_what_has_elapsed(difference: exp.DateDiff) -> None:
    """DuckDB counts boundaries, Spark what has elapsed: the same for microseconds and cut times."""
    cut = difference.this.find(exp.TimestampTrunc, exp.DateTrunc)
    assert difference.text("unit").upper() == "MICROSECOND" or cut, difference.sql()


def _must_skip_nulls(chosen: exp.Expr) -> None:
    """The values of these two are never NULL in the rows that the filter leaves."""
    never_null = {"message_id", "on_beat"}
    column = chosen.this.name
    around = chosen.parent
    assert around is not None
    assert column in never_null or f"NOT {column} IS NULL" in around.sql(), chosen.sql()


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_reads_the_inputs_of_its_step(name: str) -> None:
    tree = sqlglot.parse_one(pipeline.statement(name), read="duckdb")
    named = {query.alias_or_name for query in tree.find_all(exp.CTE)}
    assert {table.name for table in tree.find_all(exp.Table)} - named == set(
        STATEMENTS[name].inputs
    )


def test_each_input_is_a_relation_of_an_earlier_step_or_of_the_engine() -> None:
    made = engine([receipt()])
    known = {name for (name,) in made.rows("select table_name from duckdb_tables()")}
    known |= {"parameters", "settled_facts", "recent_facts"}
    for step in pipeline.STEPS:
        assert known >= set(step.inputs), step.relation
        known.add(step.relation)


def test_each_column_is_explained_by_its_statement_or_by_the_one_it_is_carried_from() -> None:
    made = engine([receipt()])
    create_parameters(made, DerivationParameters(LATER))
    explained = {column for name in STATEMENTS for column in explanations(name)}
    for step in pipeline.STEPS:
        if step.relation == "pending":
            made.create_view("settled_facts", "from message_facts where false")
            made.create_view("recent_facts", "from message_facts")
        step.run(made, DerivationParameters(LATER))
        if not isinstance(step.source, str):
            continue
        columns = made.connection.table(step.relation).columns
        own = explanations(step.source)
        assert columns[len(columns) - len(own) :] == own
        carried = columns[: len(columns) - len(own)]
        assert "*" in pipeline.statement(step.source) or not carried
        assert set(carried) <= explained


def explanations(name: str) -> list[str]:
    """The columns that a statement explains on their lines."""
    return list(Query(name, pipeline.statement(name)).columns)
