"""The metrics over given messages in plain Python, written from the contract and the docstrings.

Each takes the messages of one group and returns the metric's columns; ``answer``
chooses, groups and orders. Where the words leave a choice, the choice is marked with "chosen".
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, Final

from dlr_analytics.analysis.timezones import zone
from dlr_analytics.vocabulary import ERR_CODES, OUTCOMES
from tests.support.oracles.latency import latency
from tests.support.oracles.receipts import nulls_last

Row = dict[str, Any]
Rows = Sequence[Row]

MATURE = dt.timedelta(hours=72)
Z = 1.959963984540054


@dataclass(frozen=True)
class Question:
    """Parameters of a metric; ``matches`` is the filter of ``where`` in Python.

    ``own`` has the user's expressions in ``by``: their SQL, and the same in Python.
    """

    by: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    tz: str = "UTC"
    where: str | None = None
    channel: str = "sms"
    matches: Callable[[Row], bool] = lambda row: True
    own: Mapping[str, tuple[str, Callable[[Row], Any]]] = field(default_factory=dict)

    def holds(self, row: Row) -> bool:
        """Whether a message is asked about."""
        at = row["message_time"]
        return (
            self.channel in ("all", row["channel"])
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
            and self.matches(row)
        )


def answer(
    metric: str, messages: Iterable[Row], question: Question, as_of: dt.datetime
) -> list[Row]:
    """All rows that the metric should have, in order."""
    names = [name for name in question.by if name != SPLITS.get(metric)]
    groups: dict[tuple[Any, ...], list[Row]] = {} if question.by else {(): []}
    for row in filter(question.holds, messages):
        key = tuple(_value(row, name, question) for name in names)
        groups.setdefault(key, []).append(row)
    result = [
        dict(zip(names, key, strict=True)) | row
        for key, rows in groups.items()
        for row in METRICS[metric](rows, as_of)
    ]
    if question.by:
        result = [row for row in result if row["messages"]]
    in_order = [*question.by, SPLITS.get(metric, "messages")]
    result.sort(key=lambda row: nulls_last(*(row[name] for name in in_order)))
    columns = [*question.by, *(name for name in (result or [{}])[0] if name not in question.by)]
    return [{name: row[name] for name in columns} for row in result]


def _value(row: Row, name: str, question: Question) -> Any:
    if name in question.own:
        return question.own[name][1](row)
    if name not in ("hour", "day", "week", "month", "hour_of_day", "weekday"):
        return row.get(name)
    local = (
        row["message_time"]
        .replace(tzinfo=dt.UTC)
        .astimezone(zone(question.tz))
        .replace(tzinfo=None)
    )
    if name == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    if name == "hour_of_day":
        return local.hour
    day = local.date()
    if name == "weekday":
        return day.isoweekday()
    if name == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if name == "month" else day


def share(part: int, whole: int) -> float | None:
    """A share of nothing is NULL."""
    return part / whole if whole else None


def coverage(rows: Rows, as_of: dt.datetime) -> list[Row]:
    """What became known of the mature messages, by the issue's words and the docstring's."""
    old = [row for row in rows if row["message_time"] < as_of - MATURE]
    final = [row for row in old if row["final"]]
    late = [
        row
        for row in final
        if row["outcome"] == "expired"
        and row["final_at"] is not None
        and row["final_at"] - row["message_time"] >= dt.timedelta(hours=71)
    ]
    unknown = [row for row in old if row["outcome"] == "unknown"]
    silent = [row for row in old if row["outcome"] == "silent"]
    accepted = [row for row in silent if row["status"] in ("accepted", "buffered")]
    answered = len(final) - len(late)
    missing = {  # chosen: of equally many, the first
        "stops at accepted": len(accepted),
        "times out": len(late),
        "stays silent": len(silent) - len(accepted),
        "answers unknown": len(unknown),
    }
    if len(old) < 100:
        verdict = "too few"
    elif answered * 10 >= len(old) * 9:
        verdict = "comparable"
    else:
        verdict = max(missing, key=lambda name: missing[name])
    return [
        {
            "messages": len(rows),
            "receipts_read": sum(row["receipts"] for row in rows),
            "mature": len(old),
            "answered_share": share(answered, len(old)),
            "timed_out_share": share(len(late), len(old)),
            "unknown_share": share(len(unknown), len(old)),
            "silent_share": share(len(silent), len(old)),
            "accepted_only_share": share(len(accepted), len(old)),
            "final_share": share(len(final), len(old)),
            "verdict": verdict,
        }
    ]


def delivery_rate(rows: Rows, as_of: dt.datetime) -> list[Row]:
    """The seven outcomes, the mean of ``expected`` and its interval."""
    total = len(rows)
    counts = {name: sum(row["outcome"] == name for row in rows) for name in OUTCOMES}
    values = [row["expected"] for row in rows]
    known = total > 0 and None not in values
    rate = math.fsum(values) / total if known else None
    low, high = (None, None) if rate is None else _wilson(rate, rows)
    return [
        {
            "messages": total,
            "settled": total - counts["pending"],
            **counts,
            "delivery_rate": rate,
            "ci_low": low,
            "ci_high": high,
            "success_ratio": share(counts["delivered"], total),
            "best_case": share(counts["delivered"] + counts["pending"], total),
            "dlr_ratio": share(sum(row["final"] for row in rows), total),
        }
    ]


def _wilson(rate: float, rows: Rows) -> tuple[float, float]:
    n = float(len(rows))
    if 0 < rate < 1:
        error = math.fsum(row.get("expected_se") or 0 for row in rows) / n
        n = n / (1 + error**2 / (rate * (1 - rate) / n))
    middle = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def cost(rows: Rows, as_of: dt.datetime) -> list[Row]:
    """One row a currency; where there are no messages, one of nothing in that of the settings."""
    bills: dict[Any, list[Row]] = defaultdict(list)
    if not rows:
        bills["EUR"] = []
    for row in rows:
        bills[row["currency"]].append(row)
    return [_bill(name, bills[name]) for name in sorted(bills, key=nulls_last)]


def _bill(currency: str, rows: Rows) -> Row:
    prices = [row["price"] for row in rows if row["price"] is not None]
    spent = [row for row in rows if row["price"] is not None]
    lost = [row["price"] for row in spent if row["outcome"] not in ("delivered", "pending")]
    total = sum(prices, Decimal(0)) if prices else None
    delivered = sum(row["outcome"] == "delivered" for row in rows)
    return {
        "messages": len(rows),
        "priced": len(prices),
        "currency": currency,
        "cost": total,
        "cost_per_message": _each(total, len(prices)),
        "cost_per_delivered": _each(total, delivered),
        "wasted": sum(lost, Decimal(0)) if prices else None,
    }


def _each(total: Decimal | None, count: int) -> Decimal | None:
    """Chosen: NULL where it is more than DECIMAL(18, 8) holds."""
    if total is None or not count:
        return None
    with localcontext(Context(prec=60)):
        each = (total / count).quantize(Decimal("0.00000001"), ROUND_HALF_UP)
    return each if abs(each) < 10**10 else None


def errors(rows: Rows, as_of: dt.datetime) -> list[Row]:
    """One row a code of the settled and undelivered; where there are none, one of nothing."""
    undelivered = [row for row in rows if row["outcome"] not in ("delivered", "pending")]
    codes = sorted({row["err_code"] for row in undelivered}, key=nulls_last)
    return [
        _code(
            code, sum(row["err_code"] == code for row in undelivered), len(undelivered), len(rows)
        )
        for code in codes or [None]
    ]


def _code(code: int | None, messages: int, of_all: int, of_every: int) -> Row:
    result = next((each for each in ERR_CODES if each.err_code == code), None)
    return {
        "err_code": code,
        "meaning": result and result.meaning,
        "kind": result and result.kind,
        "advice": result and result.advice,
        "messages": messages,
        "share": share(messages, of_all),
        "per_message": share(messages, of_every),
    }


SPLITS: Final = {"cost": "currency", "errors": "err_code"}
"""The column of a metric that splits each group into rows."""

METRICS: Final[dict[str, Callable[[Rows, dt.datetime], list[Row]]]] = {
    "delivery-rate": delivery_rate,
    "latency": latency,
    "cost": cost,
    "errors": errors,
    "coverage": coverage,
}
