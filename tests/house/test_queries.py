"""Each .sql file has its place in the code, and explains each of its columns on its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot

from dlr_analytics.analyse.database import Database
from dlr_analytics.analyse.metrics import METRICS
from dlr_analytics.analyse.query import load

PACKAGE = Path(__file__).parents[2] / "dlr_analytics"
QUERIES = sorted(path.stem for path in (PACKAGE / "analyse" / "queries").glob("*.sql"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_a_statement_a_function_and_a_verb_of_one_name(metric: str) -> None:
    name = metric.replace("-", "_")
    assert name in QUERIES
    assert METRICS[metric].__name__ == name
    assert vars(Database)[name] is METRICS[metric]


@pytest.mark.parametrize("query", QUERIES)
def test_a_statement_is_named_in_the_code(query: str) -> None:
    assert re.search(rf'"{query}"|"{query.replace("_", "-")}"', CODE)


@pytest.mark.parametrize("query", QUERIES)
def test_a_statement_begins_with_a_sentence(query: str) -> None:
    assert load(query).text.startswith("-- ")


@pytest.mark.parametrize("query", QUERIES)
def test_each_column_is_explained_on_its_line(query: str) -> None:
    statement = sqlglot.parse_one(load(query).text, read="duckdb")
    columns = [column.alias_or_name for column in statement.selects if not column.is_star]
    assert list(load(query).columns) == columns
