"""The delivery rate of the last three days against what became of their messages in the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.truth import world

START = dt.datetime(2026, 11, 1)
DAYS = 17
AS_OF = START + dt.timedelta(days=DAYS)
HOUR = 3600
DELIVERED, FAILED, EXPIRED, SILENT = range(4)
WORDS = np.array(["delivered", "failed", "expired"])


def sends(networks: int, a_day: int, silent: float, slow: float, seed: int) -> pd.DataFrame:
    """Every message of so many networks: when it was sent, and what comes of it when.

    Nine in ten of what is not silent arrive, one in eight of these hours later (a phone was off);
    of the others half fail at once and half expire after 72 hours. ``slow`` multiplies how long the
    late ones take in the last three days.
    """
    rng = np.random.default_rng([seed, int(1000 * silent), int(10 * slow)])
    count = networks * a_day * DAYS
    sent = rng.uniform(0, DAYS * 86400, count)
    fate = rng.choice(4, count, p=[*(np.array([0.90, 0.05, 0.05]) * (1 - silent)), silent])
    after = 4 * np.exp(0.6 * rng.standard_normal(count))
    off = (fate == DELIVERED) & (rng.random(count) < 1 / 8)
    stretch = np.where(sent > (DAYS - 3) * 86400, slow, 1.0)
    after = np.where(off, np.minimum(rng.exponential(9 * HOUR, count) * stretch, 71 * HOUR), after)
    after = np.where(fate == EXPIRED, 72 * HOUR + rng.uniform(0, 60, count), after)
    return pd.DataFrame(
        {
            "message_id": [f"{number:X}" for number in range(count)],
            "network_code": np.repeat([f"9{n:04d}" for n in range(networks)], a_day * DAYS),
            "sent": sent,
            "fate": fate,
            "pushed": sent + after,
        }
    )


def at(seconds: pd.Series) -> pd.Series:
    """Naive UTC of seconds since the start."""
    return pd.Series(np.datetime64(START, "us") + (seconds * 1e6).astype("timedelta64[us]"))


def last_days(truth: pd.DataFrame) -> pd.DataFrame:
    """Of each network, the metric for the last three days beside the final outcomes."""
    answered = truth[(truth["fate"] != SILENT) & (truth["pushed"] <= DAYS * 86400)]
    receipts = pd.DataFrame(
        {
            "message_id": answered["message_id"],
            "network_code": answered["network_code"],
            "status": WORDS[answered["fate"]],
            "received_at": at(answered["pushed"]),
            "message_timestamp": at(answered["pushed"]).dt.floor("s"),
        }
    )
    sent = truth[["message_id", "network_code"]].assign(sent_at=at(truth["sent"]))
    connection = world.derive(receipts, AS_OF, sent)
    rows = connection.sql(world.ask(connection, "delivery-rate", "network_code", "day")).df()
    days = at(truth["sent"]).dt.floor("D").rename("day")
    ended = (truth["fate"] == DELIVERED).groupby([truth["network_code"], days]).mean()
    both = rows.merge(ended.rename("ended").reset_index(), on=["network_code", "day"])
    both["ago"] = (pd.Timestamp(AS_OF) - both["day"]).dt.days
    return pd.DataFrame(both[both["ago"] <= 3])


def judge(rows: pd.DataFrame, rate: float) -> pd.DataFrame:
    """For one, two and three days ago: bias in points, coverage, and whether the bounds held."""
    rows = rows.assign(
        bias=100 * (rows["delivery_rate"] - rows["ended"]),
        naive=100 * (rows["delivered"] / rows["settled"] - rows["ended"]),
        covered=(rows["ci_low"] <= rate) & (rate <= rows["ci_high"]),
        bounded=(rows["success_ratio"] <= rows["ended"] + 1e-12)
        & (rows["ended"] <= rows["best_case"] + 1e-12),
    )
    return rows.groupby("ago")[["bias", "naive", "covered", "bounded"]].mean()


def line(name: str, judged: pd.DataFrame) -> str:
    """What was found, for people."""
    return f"nowcast, {name}: " + "; ".join(
        f"day -{ago} bias {row['bias']:+.2f} points (delivered / settled {row['naive']:+.1f}), "
        f"covered {row['covered']:.1%}"
        for ago, row in judged.iterrows()
    )


@pytest.mark.parametrize("silent", [0.02, 0.3])
def test_recent_days_are_estimated_without_bias(silent: float) -> None:
    rows = last_days(sends(networks=30, a_day=300, silent=silent, slow=1, seed=1))
    judged = judge(rows, 0.9 * (1 - silent))
    assert (judged["bias"].abs() < 0.6).all()
    assert (judged["covered"] > 0.8).all()
    assert (judged["bounded"] == 1).all()
    assert judged["naive"].max() > 1.0, "this world would not fool anybody"


@pytest.mark.slow
@pytest.mark.parametrize("silent", [0.02, 0.3])
def test_bias_and_coverage_over_200_seeds(
    silent: float, record_property: Callable[[str, object], None]
) -> None:
    rows = last_days(sends(networks=200, a_day=400, silent=silent, slow=1, seed=2))
    judged = judge(rows, 0.9 * (1 - silent))
    record_property("figures", line(f"{silent:.0%} silent, 200 seeds", judged))
    assert (judged["bias"].abs() <= 0.3).all()
    assert judged["covered"].between(0.92, 0.98).all()
    assert (judged["bounded"] == 1).all()


@pytest.mark.slow
def test_what_it_cannot_know_is_a_tail_that_changes(
    record_property: Callable[[str, object], None],
) -> None:
    rows = last_days(sends(networks=50, a_day=400, silent=0.02, slow=3, seed=3))
    judged = judge(rows, 0.9 * 0.98)
    record_property("figures", line("late ones three times slower since three days", judged))
    assert (judged["bias"] < -0.3).any(), "it should be wrong here, and its bounds right"
    assert (judged["bounded"] == 1).all()
