"""The chart of ``watch``: a row an alert, or a sentence that there is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

from dlr_analytics.analysis.studies.watch.alert import COLUMNS

Row = dict[str, Any]


def row(kind: str, value: float, usual: float, **more: Any) -> Row:
    given = {
        **dict.fromkeys(COLUMNS),
        "kind": kind,
        "network_code": "23410",
        "began_at": datetime(2026, 11, 24, 4),
        "minutes": 60,
        "messages": 40,
        "value": value,
        "usual": usual,
        "text": "what is wrong",
    }
    return given | more


def test_each_alert_is_a_row_from_usual_to_now(
    answer: Callable[..., Any], words: Callable[[Any], str]
) -> None:
    rows = [
        row("delivery", 0.4, 0.9),
        row("volume", 900.0, 300.0, network_code=None, country="GB"),
        row("filtered", 0.5, 0.002, sender="<a href='x'>Shop</a>$x$"),
        row("silence", 0.0, 0.0, network_code=None),
    ]
    figure = answer("watch", rows).plot()
    _, usual, now, figures = figure.data
    assert list(now.x) == [0.4, 1, 0.5, 0]
    assert list(usual.x) == [0.9, 1 / 3, 0.002, 0]
    assert list(figures.text)[:2] == [" 40.0% · usually 90.0%", " 900 · usually 300"]
    said = words(figure)
    assert "volume · GB" in said
    assert "<a " not in said
    assert "$" not in said.replace("&#36;", "")


def test_no_alert_is_said_in_a_sentence(answer: Callable[..., Any]) -> None:
    none = answer("watch", [], columns=tuple(COLUMNS))
    watched = dataclasses.replace(none.provenance[0], messages_total=100)
    figure = dataclasses.replace(none, provenance=(watched,)).plot()
    assert len(figure.data) == 0
    assert "No alert" in figure.layout.title.subtitle.text


def test_of_many_alerts_the_first_are_shown(answer: Callable[..., Any]) -> None:
    rows = [row("delivery", 0.4, 0.9, network_code=str(10_000 + n)) for n in range(40)]
    figure = answer("watch", rows).plot()
    assert len(figure.data[2].x) == 30
    assert "the first 30 of 40" in figure.layout.title.subtitle.text


def test_a_preview_shows_the_whole_sentence(answer: Callable[..., Any]) -> None:
    sentence = "all networks: no receipts in the last hour, and so on at some length " * 3
    assert sentence.strip() in repr(answer("watch", [row("silence", 0.0, 9.0, text=sentence)]))
