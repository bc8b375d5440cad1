"""Results made by hand, as if the data had held their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import duckdb

from dlr_analytics.analysis.filters import Filters
from dlr_analytics.analysis.result import Provenance, Result
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.vocabulary import OUTCOMES
from tests.support.reports import tally

Row = dict[str, Any]

TYPES: Final = {
    **dict.fromkeys(("hour", "sent_at", "began_at", "hour_began"), "TIMESTAMP"),
    **dict.fromkeys(("day", "week", "month"), "DATE"),
    **dict.fromkeys(("messages", "settled", *OUTCOMES, "priced", "measured"), "BIGINT"),
    **dict.fromkeys(("push_measured", "from_accepted"), "BIGINT"),
    **dict.fromkeys(("changed_at", "earliest", "latest"), "TIMESTAMP"),
    **dict.fromkeys(("price", "price_before", "extra_cost", "later"), "DECIMAL(18,8)"),
    **dict.fromkeys(("cost", "wasted", "cost_per_message", "cost_per_delivered"), "DECIMAL(18,8)"),
    **dict.fromkeys(("country", "network_code", "network", "sender", "currency"), "VARCHAR"),
    **dict.fromkeys(("meaning", "kind", "advice"), "VARCHAR"),
    **dict.fromkeys(("problem", "example", "effect", "verdict", "text"), "VARCHAR"),
    **dict.fromkeys(("in_receipts", "mature", "scts_offset_min"), "BIGINT"),
    "messages_before": "BIGINT",
    **dict.fromkeys(("hour_day", "spent_on"), "DATE"),
    **dict.fromkeys(("err_code", "hour_of_day", "weekday"), "SMALLINT"),
    "final": "BOOLEAN",
    "problems": "VARCHAR[]",
}
"""SQL types of the columns that an answer can have; all others are DOUBLE."""


def answer(
    metric: str,
    rows: list[Row],
    by: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
    tz: str = "UTC",
    as_of: datetime = datetime(2026, 11, 24, 5),
) -> Result:
    """A result with these rows; without rows it has the ``columns`` after those of ``by``."""
    names = tuple(rows[0]) if rows else (*by, *columns)
    connection = duckdb.connect()
    typed = ", ".join(f'"{name}" {TYPES.get(name, "DOUBLE")}' for name in names)
    connection.execute(f"create table answer ({typed})")
    for row in rows:
        marks = ", ".join("?" for _ in names)
        connection.execute(f"insert into answer values ({marks})", list(row.values()))
    span = (datetime(2026, 10, 25, 0, 1), datetime(2026, 11, 23, 23, 58)) if rows else None
    total = sum(row.get("messages", 0) for row in rows)
    return Result(
        metric=metric,
        stored=connection.sql("from answer"),
        provenance=(Provenance(Filters(by=by, tz=tz), as_of, "select 1", span, total),),
        presenter=PRESENTER,
    )


def rate_row(messages: int, rate: float | None, pending: int = 0, **by: Any) -> Row:
    """A row of ``delivery-rate``; a rate of None is unknown."""
    derived = tally(messages, 0.9 if rate is None else rate, pending)
    known = rate is not None and messages > 0
    return {
        **by,
        "messages": messages,
        "settled": messages - pending,
        **{outcome: getattr(derived, outcome) for outcome in OUTCOMES},
        "delivery_rate": derived.rate if known else None,
        "ci_low": derived.low if known else None,
        "ci_high": derived.high if known else None,
        "success_ratio": derived.floor,
        "best_case": derived.best,
        "dlr_ratio": 0.9 if messages else None,
    }
