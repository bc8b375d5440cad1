"""Rows of each metric, and what a figure shows of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

Row = dict[str, Any]


@pytest.fixture
def days() -> list[date]:
    """Ten days; as of 24 November 05:00 the last three are not settled."""
    return [date(2026, 11, 14) + timedelta(day) for day in range(10)]


@pytest.fixture
def latency_row() -> Callable[..., Row]:
    """A row of ``latency``; with ``carrier``, percentiles by the carrier's clock too."""

    def make(seconds: float | None, carrier: float | None = None, **by: Any) -> Row:
        names = ("p50_s", "p90_s", "p95_s", "p99_s")
        times = zip(names, (1, 3, 8, 40), strict=True)
        grown = {name: None if seconds is None else seconds * k for name, k in times}
        return {
            **by,
            "messages": 1000,
            "delivered": 900,
            "measured": 0 if carrier is None else 800,
            "push_measured": 0 if seconds is None else 850,
            "from_accepted": 100,
            **dict.fromkeys(names, carrier),
            **{f"push_{name}": value for name, value in grown.items()},
            "push_within_10s": None if seconds is None else 0.7,
            "push_within_30s": None if seconds is None else 0.9,
            "push_within_60s": None if seconds is None else 0.96,
        }

    return make


@pytest.fixture
def cost_row() -> Callable[..., Row]:
    """A row of ``cost``."""

    def make(cost: str | None, wasted: str | None = "0", currency: str = "EUR", **by: Any) -> Row:
        amount = None if cost is None else Decimal(cost)
        return {
            **by,
            "messages": 100,
            "priced": 0 if amount is None else 100,
            "currency": None if amount is None else currency,
            "cost": amount,
            "cost_per_message": amount and amount / 100,
            "cost_per_delivered": amount and amount / 80,
            "wasted": None if amount is None or wasted is None else Decimal(wasted),
        }

    return make


@pytest.fixture
def error_row() -> Callable[..., Row]:
    """A row of ``errors``."""

    def make(code: int | None, messages: int, meaning: str | None = None, **by: Any) -> Row:
        return {
            **by,
            "err_code": code,
            "meaning": meaning,
            "kind": None,
            "advice": "Try again later." if meaning else None,
            "messages": messages,
            "share": messages / 1000,
        }

    return make


@pytest.fixture
def quality_row() -> Callable[..., Row]:
    """A row of ``quality``."""

    def make(problem: str, messages: int, **by: Any) -> Row:
        return {
            **by,
            "problem": problem,
            "meaning": "what it says",
            "messages": messages,
            "share": messages / 1000,
            "in_receipts": messages,
            "example": "0A",
            "effect": "what it does",
        }

    return make


@pytest.fixture
def coverage_row() -> Callable[..., Row]:
    """A row of ``coverage``; with no mature message, shares are NULL."""

    def make(messages: int, answered: float | None, **by: Any) -> Row:
        rest = None if answered is None else (1 - answered) / 3
        return {
            **by,
            "messages": messages,
            "mature": 0 if answered is None else messages,
            "answered_share": answered,
            **dict.fromkeys(("timed_out_share", "unknown_share", "silent_share"), rest),
            "accepted_only_share": rest,
            "final_share": answered,
            "verdict": "too few" if answered is None else "comparable",
        }

    return make


@pytest.fixture
def offset_row() -> Callable[..., Row]:
    """A row of ``scts-offsets``."""

    def make(minutes: int | None, share: float = 1.0, **by: Any) -> Row:
        messages = 100 if minutes else 90
        return {**by, "scts_offset_min": minutes, "messages": messages, "share": share}

    return make


@pytest.fixture
def words() -> Callable[[Any], str]:
    """All that stands on a figure: title, subtitle, notes and names of rows."""

    def read(figure: Any) -> str:
        said = [figure.layout.title.text, figure.layout.title.subtitle.text]
        said += [note.text for note in figure.layout.annotations]
        said += [name for axis in figure.select_yaxes() for name in axis.ticktext or ()]
        return "\n".join(filter(None, said))

    return read
