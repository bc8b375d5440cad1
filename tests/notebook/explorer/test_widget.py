"""The widget: what Python says it draws, and what clicks do."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

import dlr_analytics
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.dimensions import By
from dlr_analytics.errors import MissingTool, UnknownName
from dlr_analytics.notebook.explorer.widget import Explorer
from tests.support.message_tables import database_over, message

START = dt.datetime(2026, 11, 1)
NASTY = "<img src=x onerror=alert(1)>"


def opened(by: By | None = None, **how: Any) -> Explorer:
    """An explorer of ten days: one network fails, the last day is pending, one sender is nasty."""
    rows = [
        message(
            "pending" if n >= 220 else "failed" if n % 11 == 0 else "delivered",
            network_code="26202" if n % 11 == 0 else "23410",
            network="Vodafone" if n % 11 == 0 else "O2",
            country="DE" if n % 11 == 0 else "GB",
            sender=NASTY if n % 5 == 0 else f"Sender {n % 13}",
            err_code=6 if n % 11 == 0 else 0,
            message_time=START + dt.timedelta(hours=n),
            **({"expected": 0.5, "expected_se": 0.1} if n >= 220 else {}),
        )
        for n in range(240)
    ]
    return database_over(rows, START + dt.timedelta(days=10)).explore(by, **how)  # type: ignore[no-any-return]


def column(x: Explorer, name: str) -> dict[str, Any]:
    return next(one for one in x._view["dimensions"] if one["name"] == name)


def click(x: Explorer, **message: Any) -> None:
    """What the script sends."""
    x._clicked(x, message, [])


def test_the_view_is_json_and_follows_python() -> None:
    x = opened()
    before = x._view["headline"]
    x.select(network_code="26202")
    after = json.loads(json.dumps(x._view))
    assert before["text"] == "of 240 messages delivered"
    assert after["headline"] | {"interval": ""} == {
        "share": "4.5%",
        "text": "of 22 messages delivered",
        "interval": "",
        "bounds": "0.0 to 9.1% once the 2 pending settle",
    }
    assert after["chips"] == [{"lift": "network_code", "label": "Network 26202 Vodafone"}]
    assert after["code"] == x.code


def test_a_click_on_a_value_is_what_select_does() -> None:
    x, y = opened(), opened()
    row = column(x, "network_code")["rows"][0]
    click(x, click="value", name="network_code", number=row["number"], add=False)
    y.select(network_code="26202")
    assert x.code == y.code
    assert {**x._view, "version": 0} == {**y._view, "version": 0}
    click(x, click="value", name="network_code", number=row["number"], add=False)
    assert "where" not in x.code


def test_a_column_keeps_the_values_beside_the_selected_one() -> None:
    x = opened()
    x.select(network_code="23410")
    rows = column(x, "network_code")["rows"]
    assert [(row["label"], row["on"]) for row in rows] == [
        ("26202 Vodafone", False),
        ("23410 O2", True),
    ]
    assert [row["label"] for row in column(x, "country")["rows"]] == ["GB United Kingdom"]


def test_a_brush_of_edges_is_a_period_of_the_code() -> None:
    x = opened()
    edges = x._view["overview"]["edges"]
    click(x, click="brush", since=edges[2], until=edges[4])
    assert 'by="hour", since="2026-11-03", until="2026-11-05"' in x.code
    assert x._view["overview"]["brush"] == [2, 4]
    assert len(x._view["course"]["edges"]) == 49
    click(x, click="brush")
    assert "since" not in x.code
    assert x._view["overview"]["brush"] is None


def test_what_is_not_settled_is_marked_from_its_first_day_on() -> None:
    course = opened()._view["course"]
    assert course["unsettled"] == 7
    assert [point[0] for point in course["points"] if point[6]] == [9]


def test_reset_lifts_everything() -> None:
    x = opened()
    whole = x._view
    x.select(sender=NASTY)
    x.brush("2026-11-03", "2026-11-04")
    click(x, click="clear")
    assert {**x._view, "version": 0} == {**whole, "version": 0}


def test_more_values_are_listed_when_asked_for() -> None:
    x = opened()
    few = column(x, "sender")
    assert (len(few["rows"]), few["more"]) == (8, 6)
    click(x, click="expand", name="sender")
    assert (len(column(x, "sender")["rows"]), column(x, "sender")["more"]) == (14, 0)


def test_reasons_are_those_of_errors() -> None:
    rows = column(opened(), "err_code")["rows"]
    assert [(row["label"], row["count"], row["rate"]) for row in rows] == [
        ("6 Anti-spam rejection", "20", "100.0%")
    ]


def test_more_reasons_are_listed_when_asked_for() -> None:
    rows = [message("failed", err_code=code) for code in range(1, 13)]
    rows += [message("failed", err_code=99), message(err_code=0)]
    x = database_over(rows, START + dt.timedelta(days=30)).explore()
    found = column(x, "err_code")
    assert (len(found["rows"]), found["more"]) == (8, 5)
    click(x, click="expand", name="err_code")
    assert (len(column(x, "err_code")["rows"]), column(x, "err_code")["more"]) == (13, 0)


def test_what_has_no_value_keeps_its_place_beside_a_selected_value() -> None:
    rows = [message("failed", sender=None) for _ in range(9)]
    rows += [message("failed", sender=f"S{n}") for n in range(20)]
    x = database_over(rows, START + dt.timedelta(days=30)).explore()
    assert column(x, "sender")["rows"][0]["label"] == "no sender"
    x.select(sender="S3")
    assert column(x, "sender")["rows"][0]["label"] == "no sender"


def test_an_empty_selection_says_so() -> None:
    x = opened()
    x.select(network_code="26202", country="GB")
    assert x._view["headline"]["text"] == "No messages in this selection"
    assert x._view["course"]["points"] == []


def test_an_error_of_a_click_is_shown_and_changes_nothing() -> None:
    x = opened()
    before = x.code
    click(x, click="brush", since="2026-11-05", until="2026-11-03")
    assert "is after until" in x._view["error"]
    assert x.code == before
    click(x, click="clear")
    assert x._view["error"] == ""


def test_a_wrong_name_is_an_error_in_python() -> None:
    with pytest.raises(UnknownName, match="did you mean 'network_code'"):
        opened().select(netwrk_code="26202")


def test_the_form_without_script_escapes_what_strangers_wrote() -> None:
    x = opened()
    x.select(sender=NASTY)
    bundle = x._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "&lt;img" in data["text/html"]
    assert "<img" not in data["text/html"]


def test_own_dimensions_and_registered_columns_are_columns_of_bars() -> None:
    x = opened(by=["weekday", {"first_letter": "left(sender, 1)"}])
    assert column(x, "weekday")["title"] == "Weekday"
    assert {row["label"] for row in column(x, "weekday")["rows"]} <= {
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    }
    assert [row["label"] for row in column(x, "first_letter")["rows"]] == ["S", "<"]


def test_an_explorer_of_no_data_opens() -> None:
    x = database_over([]).explore()
    assert x._view["course"] is None
    assert x.code == 'db.delivery_rate(by="day").plot()'


def test_without_anywidget_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"dlr_analytics\[lab\]"):
        dlr_analytics.open(tmp_path).explore()


def test_the_methods_of_the_contract_are_there() -> None:
    names = {"select", "brush", "clear", "code", "result"}
    assert names <= set(dir(Explorer))
    assert "explore" in dir(Database)
