"""The README's table of what a plain query prints, and what is true, recomputed from the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import dlr_analytics
from dlr_analytics.analysis.database import Database
from tests.support import sample

ROOT = Path(__file__).parents[2]


def plain(database: Database, seconds: str) -> list[int]:
    """Half and 90 % of a plain difference, in seconds."""
    query = f"""
        select quantile_disc({seconds}, 0.5), quantile_disc({seconds}, 0.9)
        from messages where latency_s is not null
    """
    return [int(value) for value in database.sql(query).rows()[0]]


def truth(database: Database) -> list[float]:
    """The same of what the simulator knows, for the messages that can be measured."""
    measured = {row[0].lower() for row in database.sql(
        "select message_id from messages where latency_s is not null"
    ).rows()}  # fmt: skip
    waits = [
        (each.delivered_at - each.sent_at).total_seconds()
        for each in sample.recipe().truth.each_message
        if each.delivered_at is not None and each.message_id.lower() in measured
    ]
    return [float(value) for value in np.quantile(waits, [0.5, 0.9])]


@pytest.mark.thorough
def test_the_readme_s_latencies_are_those_of_the_sample() -> None:
    database = dlr_analytics.open(ROOT / "tests" / "data" / "sample")
    estimated = database.latency().df().iloc[0]
    half, most = truth(database)
    as_written = plain(database, "date_diff('second', sent_at, scts)")
    less_offset = plain(database, "latency_s")
    estimates = [
        f"{estimated[f'p{at}_s']:.1f} ± {estimated[f'p{at}_margin_s']:.1f} s" for at in (50, 90)
    ]
    lines = [
        f"| `scts - sent_at`, as written | {as_written[0]} s | {as_written[1]:,} s |",
        f"| the same, less the offset of `scts` | {less_offset[0]} s | {less_offset[1]} s |",
        f"| `dlr query latency` | {estimates[0]} | {estimates[1]} |",
        f"| the truth | {half:.1f} s | {most:.1f} s |",
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("−", "-")
    for line in lines:
        assert line in readme
    assert abs(estimated.p50_s - half) <= estimated.p50_margin_s
    assert abs(estimated.p90_s - most) <= estimated.p90_margin_s
