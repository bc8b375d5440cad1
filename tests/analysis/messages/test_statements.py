"""The statements that lead from receipts to ``messages``, each by itself."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.analysis.query import Query
from tests.support.pipelines import LATER, engine, receipt

STATEMENTS = {
    "pipeline/receipts_normalized": "receipts_normalized",
    "pipeline/receipts_collapsed": "receipts_collapsed",
    "offsets/scts_votes": "scts_votes",
    "offsets/scts_claims": "scts_claims",
    "offsets/scts_offsets": "scts_offsets",
    "pipeline/sends_collapsed": "sends_collapsed",
    "pipeline/messages_joined": "messages_joined",
    "pipeline/receipt_flaws": "receipt_flaws",
    "pipeline/message_facts": "message_facts",
    "pipeline/pending_durations": "pending_durations",
    "pipeline/pending": "pending",
    "pipeline/nowcast": "nowcast",
    "pipeline/messages": "messages",
}
"""The relation that each makes."""

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


def test_each_column_is_explained_by_its_statement_or_by_the_one_it_is_carried_from() -> None:
    made = engine([receipt()])
    pipeline.ask(made, pipeline.Terms(LATER))
    pipeline.read_client_refs(made, None)
    on_the_way = {
        "offsets/scts_votes": {"message_days": pipeline.dated("receipts_collapsed")},
        "pipeline/pending": {"recent_facts": "from message_facts"},
        "pipeline/messages": {
            "settled_facts": "from message_facts where false",
            "message_outcomes": pipeline.statement("pipeline/message_outcomes"),
        },
    }
    explained = {column for name in STATEMENTS for column in explanations(name)}
    for name, relation in STATEMENTS.items():
        for other, statement in on_the_way.get(name, {}).items():
            made.view(other, statement)
        made.keep(relation, pipeline.statement(name))
        columns = made.connection.table(relation).columns
        own = explanations(name)
        assert columns[len(columns) - len(own) :] == own
        carried = columns[: len(columns) - len(own)]
        assert "*" in pipeline.statement(name) or not carried
        assert set(carried) <= explained


def explanations(name: str) -> list[str]:
    """The columns that a statement explains on their lines."""
    return list(Query(name, pipeline.statement(name)).columns)
