"""An exploration: its figures are those of ``delivery_rate``, and its code gives them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.explore.exploration import Exploration
from dlr_analytics.analysis.result import Result
from dlr_analytics.errors import (
    DlrError,
    RefusedStatement,
    UnknownName,
    UnreadableValue,
    UsageError,
)
from tests.support.message_tables import database_over, message
from tests.support.quick import more_in_slow

START = dt.datetime(2026, 10, 24, 20)
CAMPAIGN = {"campaign": "split_part(client_ref, '-', 1)"}
BY: list[str | dict[str, str]] = [CAMPAIGN, "price", "weekday", "hour_of_day"]
NASTY = ["AcmeInc", "it's", 'say "hi"', "back\\slash", "'; --", "", None]
VALUES: dict[str, list[Any]] = {
    "network_code": ["26202", "23410", None],
    "country": ["DE", "GB", None],
    "sender": NASTY,
    "err_code": [0, 6, None],
    "campaign": ["PROMO", "it's", ""],
    "price": ["0.0333", None],
    "weekday": [6, 7, 1],
    "hour_of_day": [0, 1, 2, 23],
    "status": ["delivered", "failed"],
    "channel": ["sms", "whatsapp"],
}
OUTCOMES = ["delivered", "failed", "rejected", "unknown", "silent", "pending", "pending"]

messages = st.lists(
    st.builds(
        lambda outcome, minutes, expected, **columns: message(
            outcome,
            message_time=START + dt.timedelta(minutes=minutes),
            **({"expected": expected, "expected_se": 0.1} if outcome == "pending" else {}),
            **columns,
        ),
        outcome=st.sampled_from(OUTCOMES),
        minutes=st.integers(0, 60 * 24 * 9),
        expected=st.sampled_from([0.0, 0.25, 0.75, 0.75, None]),
        network_code=st.sampled_from(VALUES["network_code"]),
        country=st.sampled_from(VALUES["country"]),
        sender=st.sampled_from(NASTY),
        err_code=st.sampled_from(VALUES["err_code"]),
        client_ref=st.sampled_from(["PROMO-1", "PROMO-2", "it's-3", "", None]),
        price=st.sampled_from([None, "0.0333", "0.0512"]),
        status=st.sampled_from(VALUES["status"]),
        channel=st.sampled_from(["sms", "sms", "sms", "whatsapp"]),
    ),
    max_size=25,
)
moments = st.one_of(
    st.none(),
    st.integers(-2, 9 * 24).map(lambda hours: START + dt.timedelta(hours=hours)),
    st.integers(0, 9 * 24 * 60).map(lambda minutes: START + dt.timedelta(minutes=minutes)),
    st.integers(24, 31).map(lambda day: f"2026-10-{day}"),
)
zones = st.sampled_from([None, "Europe/London", "Asia/Kolkata"])
steps = st.lists(
    st.one_of(
        st.sampled_from(sorted(VALUES)).flatmap(
            lambda name: st.lists(st.sampled_from(VALUES[name]), max_size=2).map(
                lambda values: ("select", {name: values})
            )
        ),
        st.tuples(moments, moments).map(lambda limits: ("brush", limits)),
        st.just(("clear", None)),
    ),
    max_size=4,
)


def take(x: Exploration, step: tuple[str, Any]) -> None:
    """Do one step; a brush that ends before it begins is refused."""
    if step[0] == "select":
        x.select(**step[1])
    elif step[0] == "clear":
        x.clear()
    else:
        try:
            x.brush(*step[1])
        except UnreadableValue:
            assert None not in step[1]


def rows_of(result: Result) -> list[dict[str, Any]]:
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]


def same(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    """Counts are equal, shares to the last digits: sums of floats depend on their order."""
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for name, value in other.items():
            near = pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
            assert one[name] == near, name


def evaluated(code: str, db: Database) -> Result:
    result = eval(code.removesuffix(".plot()"), {"db": db})
    assert isinstance(result, Result)
    return result


@pytest.mark.thorough
@more_in_slow(8, 25)
def test_figures_are_those_of_the_verb_after_any_steps(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(messages, steps, moments, zones, st.sampled_from([None, "price > 0.04 or err_code = 0"]))
    def over_steps(
        rows: list[dict[str, Any]], taken: list[Any], since: Any, tz: str | None, where: str | None
    ) -> None:
        db = database_over(rows, START + dt.timedelta(days=8))
        x = Exploration(db, BY, since=since, where=where, tz=tz)
        for step in taken:
            take(x, step)
        asked: dict[str, Any] = {**x._call()}
        del asked["by"]
        same([x.headline()], rows_of(db.delivery_rate(**asked)))
        same(x.course(), rows_of(x.result))
        same(x.course(), rows_of(evaluated(x.code, db)))
        dimension = taken[-1][1] if taken and taken[-1][0] == "select" else {"sender": ()}
        name = next((name for name in dimension if name in x.dimensions), "sender")
        others = {n: v for n, v in x._selected.items() if n != name}
        expected = db.delivery_rate(
            **asked | {"by": CAMPAIGN if name == "campaign" else name, "where": x._where(others)}
        )
        bars = x.bars(name, 50)
        by_value = {row[name]: row for row in rows_of(expected)}
        assert {row["value"] for row in bars} == set(by_value)
        for row in bars:
            same([row | {name: row["value"]}], [by_value[row["value"]]])

    over_steps()


@pytest.fixture(scope="module")
def db() -> Database:
    rows = [
        message(
            "delivered" if n % 3 else "failed",
            network_code="26202" if n % 2 else "23410",
            sender=["AcmeInc", "it's", None][n % 3],
            err_code=0 if n % 3 else 6,
            client_ref=f"{'PROMO' if n % 4 else 'OTP'}-{n}",
            message_time=START + dt.timedelta(hours=3 * n),
        )
        for n in range(60)
    ]
    return database_over(rows, START + dt.timedelta(days=12))


def test_another_column_adds_and_the_same_replaces(db: Database) -> None:
    x = Exploration(db)
    x.select(network_code="26202")
    x.select(sender=["AcmeInc", None])
    x.select(network_code=23410)
    assert x.selected == {"network_code": ("23410",), "sender": ("AcmeInc", None)}
    assert x.code == (
        'db.delivery_rate(by="day", where="network_code = \'23410\''
        " and (sender = 'AcmeInc' or sender is null)\").plot()"
    )
    x.select(sender=[])
    assert "sender" not in x.selected


def test_a_click_selects_one_value_and_lifts_it_again(db: Database) -> None:
    x = Exploration(db)
    x.toggle("network_code", "26202")
    x.toggle("network_code", "23410", add=True)
    assert x.selected == {"network_code": ("26202", "23410")}
    x.toggle("network_code", "26202")
    assert x.selected == {"network_code": ("26202",)}
    x.toggle("network_code", "26202")
    assert x.selected == {}


def test_clear_keeps_what_the_exploration_was_given(db: Database) -> None:
    x = Exploration(db, since="2026-10-25", where="sender is not null", tz="Europe/Berlin")
    before = x.code
    x.select(err_code=6)
    x.brush("2026-10-26", "2026-10-28")
    assert 'since="2026-10-26", until="2026-10-28"' in x.code
    assert 'tz="Europe/Berlin"' in x.code
    x.clear()
    assert x.code == before
    assert not x.is_brushed


def test_a_brush_stays_within_the_period_that_was_given(db: Database) -> None:
    x = Exploration(db, since="2026-10-26", until="2026-10-28")
    x.brush("2026-10-20", "2026-10-27")
    assert 'since="2026-10-26", until="2026-10-27"' in x.code
    x.brush("2026-11-20", "2026-11-27")
    assert x.headline()["messages"] == len(x.result) == 0


def test_own_dimensions_are_written_as_their_sql(db: Database) -> None:
    x = Exploration(db, by=[CAMPAIGN, "weekday"])
    x.select(campaign="OTP", weekday=7)
    assert "(split_part(client_ref, '-', 1)) = 'OTP'" in x.code
    assert x.result["messages"].sum() == x.headline()["messages"] > 0


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"by": "day"}, UsageError),
        ({"by": "netwrk"}, UnknownName),
        ({"by": {"messages": "1"}}, UsageError),
        ({"where": "drop table messages"}, RefusedStatement),
        ({"since": "soon"}, UnreadableValue),
    ],
)
def test_what_the_verb_refuses_is_refused(
    db: Database, wrong: dict[str, Any], error: type[DlrError]
) -> None:
    with pytest.raises(error):
        Exploration(db, **wrong)


def test_a_dimension_of_several_values_a_message_is_refused(db: Database) -> None:
    for text in ("string_split(client_ref, '-')", "{'a': country}", "map([1], [country])"):
        with pytest.raises(UsageError, match=r"pieces(: .* one value| has several values)"):
            Exploration(db, by={"pieces": text})


def test_a_dimension_may_be_called_self_and_missing_values_are_null(db: Database) -> None:
    x = Exploration(db, by={"self": "sender"})
    x.select(self=float("nan"))
    assert x.code.endswith("""where="(sender) is null").plot()""")
    with pytest.raises(UsageError, match="problems has several values"):
        x.select(problems=[["x"]])


def test_a_refused_step_changes_nothing(db: Database) -> None:
    x = Exploration(db)
    x.select(err_code=6)
    before = x.code
    with pytest.raises(UnknownName):
        x.select(netwrk="26202")
    with pytest.raises(UnreadableValue):
        x.select(sender="it's", err_code="six")
    with pytest.raises(UnreadableValue):
        x.brush("2026-10-28", "2026-10-26")
    assert x.code == before


def test_an_exploration_of_nothing_has_no_period() -> None:
    x = Exploration(database_over([]))
    assert (x.limits, x.course(), x.bars("sender", 5)) == (None, [], [])
    assert x.headline()["messages"] == 0
