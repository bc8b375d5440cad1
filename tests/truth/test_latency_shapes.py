"""Estimates by the carrier's time over latencies of many shapes: bias, error, margins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import mean, median

import numpy as np
import pandas as pd
import pytest

from tests.truth.waits import SHAPES, estimates_of_shape, truth

PERCENTILES = ("p50_s", "p90_s", "p95_s", "p99_s")
SHARES = ("within_10s", "within_30s", "within_60s")

IN_A_BATCH = {("batches", "p95_s"), ("batches", "p99_s")}
"""Percentiles at the instant of a batch: blurred by a window, which their margins do not cover."""

Record = Callable[[str, object], None]


@dataclass(frozen=True)
class Quality:
    """How far an estimate is off: percentiles in % of the truth, shares in points."""

    shape: str
    name: str
    known: int
    error: float
    bias: float
    margin: float
    held: float


def qualities(shape: str, rows: pd.DataFrame) -> Iterator[Quality]:
    """Of each estimate of these networks; of those that are NULL throughout, none."""
    for name, true in truth(shape).items():
        margin = name.replace("_s", "_margin_s") if name in PERCENTILES else f"{name}_margin"
        known = rows[rows[name].notna()]
        if known.empty:
            continue
        scale = 100 / true if name in PERCENTILES else 100
        off = known[name] - true
        yield Quality(
            *(shape, name, len(known)),
            error=scale * float(np.sqrt((off**2).mean())),
            bias=scale * float(off.mean()),
            margin=scale * float(known[margin].mean()),
            held=100 * float((off.abs() <= known[margin] + 1e-9).mean()),
        )


def in_order(rows: pd.DataFrame) -> bool:
    """Percentiles and shares rise, and none is beyond what the pushes prove."""
    p50, p90, p95, p99 = (rows[name] for name in PERCENTILES)
    ten, thirty, sixty = (rows[name] for name in SHARES)
    return bool(
        ((p50 <= p90) & (p90 <= p95) & ~(p95 > p99)).all()
        and ((ten <= thirty) & (thirty <= sixty) & (sixty <= 1)).all()
        and all((rows[f"push_{name}"] <= rows[name]).all() for name in SHARES)
        and all(~(rows[name] > rows[f"push_{name}"] + 2).any() for name in PERCENTILES)
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    "shape",
    ["log-normal, 4 s", "Pareto, 2 s, shape 1.5", "8 % slow", "two routes, 3 and 30 s", "batches"],
)
def test_estimates_of_a_thousand_are_near_the_truth_and_margins_hold_it(
    shape: str, record_property: Record
) -> None:
    rows = estimates_of_shape(shape, 1000, 60, seed=1)
    assert in_order(rows)
    found = list(qualities(shape, rows))
    record_property("figures", f"latency, {shape}, 1,000 messages, 60 networks: " + said(found))
    assert len(found) == len(PERCENTILES + SHARES)
    for each in found:
        assert each.known == 60, each
        assert abs(each.bias) <= (27 if each.name in PERCENTILES else 3), each
        assert each.error <= (40 if each.name in PERCENTILES else 6), each
        assert each.margin <= (130 if each.name in PERCENTILES else 13), each
        assert each.held >= 93 or (shape, each.name) in IN_A_BATCH, each


@pytest.mark.parametrize("shape", ["log-normal, 4 s", "8 % slow", "batches"])
def test_what_a_push_proves_is_at_most_the_truth(shape: str) -> None:
    rows = estimates_of_shape(shape, 10_000, 10, seed=2)
    for name in SHARES:
        assert rows[f"push_{name}"].mean() <= truth(shape)[name] + 0.003


def test_a_tail_that_is_slow_and_rare_is_not_in_the_lower_percentiles() -> None:
    # Pooled neighbours of a percentile near the start of a slow tail were above it every time.
    rows = estimates_of_shape("4 % slow", 1000, 60, seed=3)
    assert (rows["p90_s"] - truth("4 % slow")["p90_s"]).mean() <= 1.5
    assert (rows["p95_s"] <= rows["push_p95_s"] + 2).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("messages", "networks", "most"),
    [
        (200, 200, {"p50_s": 26, "p90_s": 22, "p95_s": 23, "within_10s": 9, "within_30s": 4}),
        (1_000, 200, {"p50_s": 14, "p90_s": 14, "p95_s": 13, "p99_s": 16, "within_10s": 5}),
        (10_000, 50, {"p50_s": 7, "p90_s": 7, "p95_s": 7, "p99_s": 8, "within_10s": 2}),
    ],
)
def test_the_error_over_all_shapes(
    messages: int, networks: int, most: dict[str, float], record_property: Record
) -> None:
    found = []
    for shape in SHAPES:
        rows = estimates_of_shape(shape, messages, networks, seed=4)
        assert in_order(rows)
        found += (of_shape := list(qualities(shape, rows)))
        record_property("figures", f"latency, {shape}, {messages:,} messages: {said(of_shape)}")
    for name in (*PERCENTILES, *SHARES):
        some = [each for each in found if each.name == name]
        assert bool(some) is (name != "p99_s" or messages >= 1000)
        if some:
            record_property("figures", f"latency, all shapes, {messages:,} messages: {over(some)}")
            assert median(each.error for each in some) <= most.get(name, 4)
    for each in found:
        assert each.known >= 0.98 * networks, each
        assert each.held >= 85 or (each.shape, each.name) in IN_A_BATCH, each
        assert abs(each.bias) <= (45 if each.name in PERCENTILES else 8), each


def said(found: list[Quality]) -> str:
    """One figure for each estimate."""
    return ", ".join(
        f"{each.name} {each.bias:+.0f} ± {each.margin:.0f} off by {each.error:.0f} "
        f"holds {each.held:.0f}%"
        for each in found
    )


def over(found: list[Quality]) -> str:
    """The line of an estimate over all shapes."""
    return (
        f"{found[0].name} off by {median(each.error for each in found):.1f} in the median shape, "
        f"bias at most {max(abs(each.bias) for each in found):.1f}, "
        f"± {median(each.margin for each in found):.0f} "
        f"holds {mean(each.held for each in found):.1f}% "
        f"(worst {min(each.held for each in found):.0f}%)"
    )
