"""Expressions in ``by``: one value a message, under any name, over the columns of messages."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlr_analytics
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.dimensions import By, from_options, parse_by
from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.analysis.query import BUCKETS, load
from dlr_analytics.errors import RefusedStatement, UnreadableValue, UsageError
from tests.support.data_directories import database
from tests.support.message_tables import message, metric_rows
from tests.support.pipelines import NOON, receipt

FILES = [
    name
    for name, record in QUESTIONS.items()
    if not record.explained and "by" in inspect.signature(record.function).parameters
]
"""The metrics and studies with ``by`` and a statement of their own name."""


@cache
def sample() -> Database:
    return dlr_analytics.open("tests/data/sample").pinned()


@cache
def frame() -> pd.DataFrame:
    found: pd.DataFrame = sample().messages.df()
    return found


def kinds_of_messages() -> list[dict[str, Any]]:
    """Messages of all outcomes, in several countries and in none."""
    return [
        message(outcome, country=country, part=part, err_code=err_code, scts=NOON)
        for outcome in ("delivered", "failed", "pending", "silent")
        for country in ("GB", "DE", None)
        for part, err_code in ((1, None), (2, 9))
    ]


# names


@pytest.mark.thorough
@pytest.mark.parametrize("metric", [name for name in FILES if name != "quality"])
def test_no_name_that_a_statement_uses_is_taken_from_the_user(metric: str) -> None:
    query = load(metric)
    columns = {*query.columns, *BUCKETS, *message()}
    every = set(re.findall(r"[A-Za-z_]\w*", query.text)) | {"by_0", "by_where", "by__0"}
    names = sorted({name.lower() for name in every} - {name.lower() for name in columns})
    free = [name for name in names if name not in known()]
    expressions = dict.fromkeys(free, "country")
    found = metric_rows(metric, kinds_of_messages(), by=["country", "part", expressions])
    plain = metric_rows(metric, kinds_of_messages(), by="country,part")
    assert [list(row)[2 : 2 + len(free)] for row in found[:1]] == [free]
    for row, right in zip(found, plain, strict=True):
        assert {name: row[name] for name in free} == dict.fromkeys(free, row["country"])
        assert {name: value for name, value in row.items() if name not in free} == right


def known() -> list[str]:
    return list(sample().messages.columns)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "1a",
        "a b",
        "a-b",
        'a"b',
        "a;b",
        "a.b",
        "a,b",
        "a\n",
        "x" * 64,
        "*",
        "/*",
        "é!",
        "\0",
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name; use letters, digits and _"):
        parse_by({name: "country"})


@pytest.mark.parametrize("name", ["_", "a1", "größe", "SELECT", "x" * 63, "by_0"])
def test_letters_digits_and_the_underscore_make_a_name(name: str) -> None:
    assert next(iter(metric_rows("cost", [message()], by={name: "country"})[0])) == name


@pytest.mark.parametrize("metric", FILES)
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_a_name_that_is_there_already_is_refused_in_any_case(
    metric: str, change: Callable[[str], str]
) -> None:
    for name in (*BUCKETS, *known(), *load(metric).columns):
        with pytest.raises(UsageError, match=f"already has the name {change(name)}"):
            load(metric).statement(filters({change(name): "1"}), known())


def filters(by: By) -> Any:
    from dlr_analytics.analysis.filters import parse

    return parse({"by": by})


@pytest.mark.parametrize(
    "by",
    [
        [{"a": "country"}, {"A": "country"}],
        [{"a": "country"}, {"a": "outcome"}],
        ["country", {"COUNTRY": "outcome"}],
    ],
)
def test_two_of_one_name_are_refused(by: Any) -> None:
    with pytest.raises(UsageError, match=r"already has the name|is two expressions"):
        parse_by(by)


def test_the_same_expression_twice_is_one() -> None:
    assert parse_by([{"a": "1"}, {"a": "1"}]) == (("a",), (("a", "1"),))


@pytest.mark.parametrize("text", [None, 5, "\udcff", ["country"]])
def test_an_expression_is_text(text: Any) -> None:
    with pytest.raises(UnreadableValue, match=r"by: a: .* is not text"):
        parse_by({"a": text})


def test_commas_and_equals_signs_of_an_expression_are_its_own() -> None:
    assert from_options(["day,country", "a=coalesce(country, 'x=y'), 1"]) == [
        *("day", "country"),
        {"a": "coalesce(country, 'x=y'), 1"},
    ]


# what is computed

EXPRESSIONS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "left(network_code, 3)": lambda rows: rows["network_code"].str[:3],
    "country": lambda rows: rows["country"],
    "price > 0.05": lambda rows: pd.Series(
        [None if pd.isna(price) else price > Decimal("0.05") for price in rows["price"]],
        dtype="boolean",
    ),
    "split_part(client_ref, '-', 1)": lambda rows: rows["client_ref"].str.split("-").str[0],
    "hour(message_time) // 6": lambda rows: rows["message_time"].dt.hour // 6,
    "coalesce(country, 'none') || outcome": lambda rows: (
        rows["country"].fillna("none") + rows["outcome"]
    ),
    "case when receipts > 1 then message_time::date end": lambda rows: (
        rows["message_time"].dt.normalize().where(rows["receipts"] > 1)
    ),
    "country in (select country from messages where part > 1)": lambda rows: rows["country"].isin(
        rows.loc[rows["part"] > 1, "country"]
    ),
}


@pytest.mark.thorough
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(list(EXPRESSIONS)), min_size=1, max_size=3, unique=True),
    st.sampled_from([None, "country = 'GB'", "outcome <> 'delivered'"]),
)
def test_groups_are_those_of_pandas(texts: list[str], where: str | None) -> None:
    names = [f"x{place}" for place in range(len(texts))]
    by = [dict(zip(names, texts, strict=True))]
    found = {
        tuple(map(plain, row[: len(names)])): row[len(names)]
        for row in sample().delivery_rate(by=by, where=where).rows()
    }
    rows = frame()
    values = pd.DataFrame(
        {name: EXPRESSIONS[text](rows) for name, text in zip(names, texts, strict=True)}
    )
    if where:
        chosen = {"country = 'GB'": rows["country"] == "GB"}.get(
            where, rows["outcome"] != "delivered"
        )
        values = values[chosen]
    right = values.groupby(names, dropna=False).size()
    assert found == {
        tuple(map(plain, key if isinstance(key, tuple) else (key,))): count
        for key, count in right.items()
    }


def plain(value: Any) -> Any:
    """A value as text; missing ones of any type are None."""
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    return pd.Timestamp(value) if hasattr(value, "year") else value


@pytest.mark.thorough
@pytest.mark.parametrize("metric", FILES)
def test_an_expression_that_is_a_column_groups_as_the_column_does(metric: str) -> None:
    own = sample().ask(metric, {"by": [{"place": "country"}, "month"], "where": "part = 1"})
    column = sample().ask(metric, {"by": "country,month", "where": "part = 1"})
    assert own.rows() == column.rows()
    assert own.columns == ("place", *column.columns[1:])
    assert own.by == ("place", "month")
    assert sample().sql(own.sql).rows() == own.rows()


def test_a_time_with_a_zone_is_naive_utc() -> None:
    found = sample().cost(by={"at": "timestamptz '2026-01-01 12:00+02'"})
    assert found.types[0] == "TIMESTAMP"
    assert str(found.rows()[0][0]) == "2026-01-01 10:00:00"


def test_sms_have_expressions_too() -> None:
    found = sample().cost(by={"own": "country"}, where="messages.country = 'GB'", unit="sms")
    assert found.rows() == sample().cost(by="country", where="country = 'GB'", unit="sms").rows()


# what is refused

NOT_ONE_VALUE = [
    "count(*)",
    "sum(price)",
    "max(country) filter (where true)",
    "list(country)",
    "row_number() over ()",
    "max(price) over (partition by country)",
    "lag(country) over (order by message_time)",
    "unnest([1, 2])",
    "unnest(problems)",
    "unnest(parse_path('a/b'), recursive := true)",
    "*",
    "messages.*",
    "columns(*)",
    "columns('country|outcome')",
    "country, outcome",
    "(country, outcome)",
    "row(country, outcome)",
    "{'a': country}",
    "map {country: outcome}",
    "messages",
    "(select country, outcome from messages)",
    "grouping(country)",
    "default",
    "lambda x: x",
    "day",
    "by_0",
    "no_such_column",
    "network_code + interval",
    "flaws",
]

NOT_ONE_EXPRESSION = [
    "",
    " ",
    "country --",
    "country /*",
    "/* by, */ --",
    "country as x",
    "country) as by_0, (outcome",
    "country from messages",
    "country) from messages --",
    "country; drop table messages",
    "country;",
    "(country",
    "country)",
    "select country",
    "country order by 1",
    "country limit 1",
    "1 union select 2",
    "'a",
    "(" * 3000 + "1" + ")" * 3000,
]

DOES_MORE = [
    "getenv('HOME')",
    "(select getenv('HOME'))",
    "(from read_text('/etc/passwd'))",
    "(select content from read_text('/proc/self/environ'))",
    "(select max(column0) from read_csv('own.csv'))",
    "(from 'own.csv')",
    "(from '/etc/passwd')",
    "(from glob('*'))",
    "(select value from duckdb_settings() limit 1)",
    "(select count(*) from information_schema.tables)",
    "(from query('select 1'))",
    "(with t as (copy (select 1) to 'out.csv') select 1)",
    "(select nextval('x'))",
    "error('x')",
    "write_log('x')",
    "$1",
    "?",
    "$x",
]


@pytest.mark.parametrize("text", [*NOT_ONE_VALUE, *NOT_ONE_EXPRESSION, *DOES_MORE])
def test_what_is_not_one_value_a_message_is_refused(text: str) -> None:
    with pytest.raises(RefusedStatement, match=r"^by: x: "):
        sample().cost(by={"x": text})


@pytest.mark.thorough
def test_a_file_that_is_there_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("a\n1\n", encoding="utf-8")
    for text in DOES_MORE:
        with pytest.raises(RefusedStatement):
            database(tmp_path / "data", receipt("A")).cost(by={"x": text})
    assert [path.name for path in tmp_path.iterdir()] == ["own.csv", "data"]


def test_a_marker_in_an_expression_stays_what_it_is() -> None:
    text = "country || '/* by, */ from messages' /* filters */"
    found = sample().cost(by={"x": text}, where="country = 'GB'")
    assert found.rows()[0][0] == "GB/* by, */ from messages"


@pytest.mark.thorough
@pytest.mark.parametrize("asked", [{"by": {"x": "cast(client_ref as integer)"}}, {"where": "x"}])
def test_an_expression_that_fails_on_one_message_is_named(
    asked: dict[str, Any], tmp_path: Path
) -> None:
    refs = [*(str(number) for number in range(200)), "none"]
    receipts = [receipt(f"m{at}", scts=NOON, client_ref=ref) for at, ref in enumerate(refs)]
    if "where" in asked:
        asked = {"where": "cast(client_ref as integer) > 5", "by": {"x": "country"}}
    named = "where" if "where" in asked else "by: x"
    with pytest.raises(UsageError, match=f"^{named}: .*'none'.*; fix the"):
        database(tmp_path, *receipts).cost(**asked)


def test_an_expression_that_fails_on_messages_left_out_does_not_fail(tmp_path: Path) -> None:
    refs = ["1", "none"]
    receipts = [receipt(f"m{at}", scts=NOON, client_ref=ref) for at, ref in enumerate(refs)]
    found = database(tmp_path, *receipts).cost(
        by={"x": "cast(client_ref as integer)"}, where="client_ref <> 'none'"
    )
    assert [row[0] for row in found.rows()] == [1]
