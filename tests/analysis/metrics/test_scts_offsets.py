"""``scts_offsets``: the learned offsets by network over time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dlr_analytics as dlr
from dlr_analytics.analysis.filters import parse
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.query import Query
from tests.support.message_tables import NOON, connection_over, message


def found(rows: list[dict[str, Any]], **asking: Any) -> list[tuple[Any, ...]]:
    connection = connection_over(rows)
    query = Query("scts-offsets", statement("metrics/scts_offsets"))
    text = query.statement(parse(asking), connection.table("messages").columns)  # type: ignore[arg-type]
    return connection.sql(text).fetchall()


def written(offset: int | None, **columns: Any) -> dict[str, Any]:
    """A delivered message whose scts has this offset."""
    return message(scts=NOON, scts_offset_min=offset, **columns)


def test_a_row_is_an_offset_with_its_share_and_its_time() -> None:
    later = NOON + dt.timedelta(days=1)
    rows = [written(60), written(60, message_time=later), written(0), written(None)]
    assert found(rows) == [
        (0, 1, 0.25, NOON, NOON),
        (60, 2, 0.5, NOON, later),
        (None, 1, 0.25, NOON, NOON),
    ]


def test_only_delivered_messages_with_an_scts_count() -> None:
    assert found([message(), message("failed", scts=NOON, scts_offset_min=0)]) == [
        (None, 0, None, None, None)
    ]


def test_shares_are_those_of_the_network() -> None:
    rows = [written(60, network_code="23410"), written(0, network_code="26201")]
    assert [row[:4] for row in found(rows, by="network_code")] == [
        ("23410", 60, 1, 1.0),
        ("26201", 0, 1, 1.0),
    ]


def test_the_sample_s_danish_network_follows_its_clocks() -> None:
    db = dlr.open("tests/data/sample")
    result = db.scts_offsets(where="network_code = '23820' and scts_offset_min is not null")
    assert result.by == ("network_code", "week")
    weeks = {row[1]: row[2] for row in result.rows()}
    assert weeks[dt.date(2026, 10, 19)] == 120
    assert {offset for week, offset in weeks.items() if week >= dt.date(2026, 10, 26)} == {60}
