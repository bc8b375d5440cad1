"""Each .sql file has its place in the code, and explains each of its columns on its line."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import sqlglot

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.metrics import METRICS, QUESTIONS, STUDIES
from dlr_analytics.analysis.query import Query, load
from tests.support.all_statements import SQL

ROOT = Path(__file__).parents[2]
QUERIES = sorted(path.relative_to(SQL).with_suffix("").as_posix() for path in SQL.rglob("*.sql"))


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_a_statement_a_method_and_a_chart_of_one_name(metric: str) -> None:
    name = metric.replace("-", "_")
    assert f"metrics/{name}" in QUERIES
    assert METRICS[metric].name == metric
    assert getattr(Database, name) is METRICS[metric].function
    assert callable(import_module(f"dlr_analytics.notebook.charts.{name}").chart)


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_is_a_module_a_method_and_a_chart_of_one_name(study: str) -> None:
    name = study.replace("-", "_")
    assert import_module(f"dlr_analytics.analysis.studies.{name}").__doc__
    assert getattr(Database, name) is QUESTIONS[study].function
    assert callable(import_module(f"dlr_analytics.notebook.charts.studies.{name}").chart)


@pytest.mark.parametrize("metric", QUESTIONS)
def test_each_column_of_a_record_has_a_meaning(metric: str) -> None:
    columns = QUESTIONS[metric].columns
    assert columns
    assert all(columns.values())
    if metric in METRICS:
        assert columns == load(metric).columns


@pytest.mark.parametrize("metric", QUESTIONS)
def test_the_record_of_a_metric_names_its_columns(metric: str) -> None:
    record, columns = QUESTIONS[metric], QUESTIONS[metric].columns
    pairs = [one for one in record.preview if not isinstance(one, str)]
    named = {*record.kinds, *(one for one in record.preview if isinstance(one, str))}
    assert named.union(*pairs) <= set(columns)


def test_each_statement_is_read_when_everything_is_asked_for() -> None:
    command = [sys.executable, "-m", "tests.support.all_statements"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == QUERIES


@pytest.mark.parametrize("query", QUERIES)
def test_a_statement_begins_with_a_sentence(query: str) -> None:
    assert statement(query).startswith("-- ")


@pytest.mark.parametrize("query", QUERIES)
def test_each_column_is_explained_on_its_line(query: str) -> None:
    tree = sqlglot.parse_one(statement(query), read="duckdb")
    assert isinstance(tree, sqlglot.exp.Query)
    columns = [column.alias_or_name for column in tree.selects if not column.is_star]
    assert list(Query(query, statement(query)).columns) == columns
