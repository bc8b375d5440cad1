"""docs/cookbook.md: each recipe runs as it stands, and its figures are those of plain Python.

The world is that of :mod:`tests.support.cookbook`: what happens in it is known.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import Any

import openpyxl
import pandas as pd
import pytest

import dlr_analytics
from dlr_analytics.simulate import Simulation
from tests.support.cache import refresh_cache
from tests.support.commands import run
from tests.support.cookbook import (
    DEARER,
    DEARER_AT,
    END,
    FAKED,
    FALLEN,
    FELL_AT,
    ROOT,
    TWICE,
    recipes,
    store_world,
)
from tests.support.quick import first_quick

Row = dict[str, Any]
WEEK = dt.timedelta(days=7)
RECIPES = recipes()
REFUSED = [6, 50, 51, 52, 53, 54]
PERMANENT = [3, 4, 5, 9, 12, 13, 14]


@dataclass(frozen=True)
class Known:
    """The world: its simulation, its folder, and its messages as pandas has them."""

    simulation: Simulation
    folder: Path
    messages: pd.DataFrame

    def sent(self, since: dt.datetime, until: dt.datetime) -> pd.DataFrame:
        """The messages of a period."""
        times = self.messages["message_time"]
        return self.messages[(times >= since) & (times < until)]

    def logged(self) -> list[list[Row]]:
        """The messages of each reference and number, of those with a send time, in order."""
        found = self.messages.dropna(subset=["sent_at", "client_ref", "msisdn"])
        tries: dict[Any, list[Any]] = defaultdict(list)
        for row in found.sort_values(["message_time", "message_id"]).to_dict("records"):
            tries[row["client_ref"], row["msisdn"]].append(row)
        return list(tries.values())


Check = Callable[[list[Row], Known], None]
CHECKS: dict[str, Check] = {}


def answers(question: str) -> Callable[[Check], Check]:
    """Check the rows of a recipe by this function."""
    return lambda check: CHECKS.setdefault(question, check)


ValueCheck = Callable[[Any, Known], None]
VALUES: dict[str, ValueCheck] = {}


def shows(question: str) -> Callable[[ValueCheck], ValueCheck]:
    """Check what a recipe in Python ends with, and the files it wrote, by this function."""
    return lambda check: VALUES.setdefault(question, check)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("cookbook")
    simulation = store_world(folder / "data")
    refresh_cache(folder / "data")  # so that each command reads its messages from the cache
    with (folder / "conversions.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("client_ref", "used_at"), *simulation.conversions])
    (folder / "tiers.csv").write_text(f"network_code,tier\n{FALLEN},gold\n{DEARER},tin\n")
    messages = dlr_analytics.open(folder / "data").sql("from messages").df()
    return Known(simulation, folder, messages)


def test_each_recipe_has_a_check() -> None:
    assert list(RECIPES) == [*CHECKS, *VALUES]


@pytest.mark.parametrize("question", RECIPES)
def test_a_recipe_is_short_and_says_what_it_does_not_tell(question: str) -> None:
    recipe = RECIPES[question]
    assert (recipe.language == "python") == (question in VALUES)
    assert recipe.language in {"sh", "sql", "python"}
    assert 1 <= len(recipe.code.splitlines()) <= 5
    assert recipe.limit


@pytest.mark.parametrize("question", RECIPES)
def test_the_picture_of_a_recipe_is_there(question: str) -> None:
    picture = ROOT / "docs" / RECIPES[question].picture
    assert picture.read_bytes().startswith(b"\x89PNG")
    used = [recipe.picture for recipe in RECIPES.values()]
    assert len(used) == len(set(used))


@pytest.mark.parametrize("question", first_quick(list(CHECKS), 2))
def test_the_figures_of_a_recipe_are_right(
    question: str,
    known: Known,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(known.folder)
    arguments = [*RECIPES[question].arguments(), "--data", "data", "--format", "json"]
    if arguments[0] == "watch":
        arguments += ["--as-of", f"{END + dt.timedelta(days=1):%Y-%m-%dT%H:%M}"]
    done = run(capsys, *arguments)
    assert (done.code, done.err) == (int(arguments[0] == "watch"), "")
    CHECKS[question](json.loads(done.out), known)


@pytest.mark.thorough
@pytest.mark.parametrize("question", VALUES)
def test_what_a_recipe_in_python_shows_is_right(
    question: str, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(known.folder)
    value = RECIPES[question].value(db=dlr_analytics.open("data"))
    VALUES[question](value, known)


@answers("Did last week differ from the weeks before it, or is it noise?")
def _(rows: list[Row], known: Known) -> None:
    assert {row["network_code"]: row["verdict"] for row in rows if row["messages"] > 100} == {
        FALLEN: "changed",
        DEARER: "within noise",
        FAKED: "within noise",
    }
    rates = [
        known.sent(FELL_AT - ago * WEEK, FELL_AT - (ago - 1) * WEEK)
        .groupby("network_code")["expected"]
        .mean()
        for ago in range(9)
    ]
    for row in rows[:1]:
        assert row["network_code"] == FALLEN
        assert row["value"] == pytest.approx(rates[0][FALLEN])
        assert row["usual"] == pytest.approx(fmean(rate[FALLEN] for rate in rates[1:]))


@answers("Did the networks get worse, or do we send to worse networks?")
def _(rows: list[Row], known: Known) -> None:
    now, before = known.sent(FELL_AT, FELL_AT + WEEK), known.sent(FELL_AT - WEEK, FELL_AT)
    moved = now["expected"].mean() - before["expected"].mean()
    assert sum(row["effect"] for row in rows) == pytest.approx(moved, abs=1e-9)
    assert rows[0]["network_code"] == FALLEN
    assert rows[0]["rate_effect"] < -0.05 < abs(rows[0]["mix_effect"])
    assert sum(row["messages"] for row in rows) == len(now)


@answers("Since when is a network worse?")
def _(rows: list[Row], known: Known) -> None:
    (row,) = rows
    assert row["network_code"] == FALLEN
    assert row["earliest"] <= FELL_AT.isoformat() <= row["latest"]
    changed_at = dt.datetime.fromisoformat(row["changed_at"])
    after = known.sent(changed_at, END)
    assert row["messages"] == (after["network_code"] == FALLEN).sum()
    assert row["difference"] == pytest.approx(-0.2, abs=0.05)


@answers("Which prices changed, and what did it cost?")
def _(rows: list[Row], known: Known) -> None:
    (row,) = rows
    since = known.sent(DEARER_AT, END)
    dearer = since[(since["network_code"] == DEARER) & since["price"].notna()]
    assert row["network_code"] == DEARER
    assert row["changed_at"][:23] == dearer["message_time"].min().isoformat()[:23]
    assert row["messages"] == len(dearer)
    extra = sum(price - Decimal("0.0333") for price in dearer["price"])
    assert Decimal(str(row["extra_cost"])) == extra


@answers("What will this month have cost at its end?")
def _(rows: list[Row], known: Known) -> None:
    (row,) = rows
    month = known.sent(dt.datetime(2026, 11, 1), END)
    assert Decimal(str(row["cost"])) == month["price"].dropna().sum()
    low, expected, high = (Decimal(row[name]) for name in ("low", "expected", "high"))
    assert Decimal(row["cost"]) < low < expected < high


@answers("What is wrong just now?")
def _(rows: list[Row], known: Known) -> None:
    (row,) = rows
    assert (row["kind"], row["network_code"]) == ("silence", None)
    last = known.messages["last_seen_at"].max().isoformat()
    assert (row["messages"], row["began_at"][:19]) == (0, last[:19])


@answers("How many were delivered on each day of our customers?")
def _(rows: list[Row], known: Known) -> None:
    local = known.messages["message_time"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    days = known.messages.groupby(local.dt.date)
    delivered = {str(day): (of["outcome"] == "delivered").sum() for day, of in days}
    assert {row["day"][:10]: row["delivered"] for row in rows} == delivered


@answers("Do one-time codes arrive better than marketing?")
def _(rows: list[Row], known: Known) -> None:
    kinds = known.messages.groupby(known.messages["client_ref"].str.split("-").str[0])
    counts = {kind: (len(of), (of["outcome"] == "delivered").sum()) for kind, of in kinds}
    found = {row["kind"]: (row["messages"], row["delivered"]) for row in rows if row["kind"]}
    assert found == counts
    assert set(found) >= {"otp", "order", "promo"}


@answers("What does each tier of our price list cost?")
def _(rows: list[Row], known: Known) -> None:
    tier = known.messages["network_code"].map({FALLEN: "gold", DEARER: "tin"})
    costs: dict[str | None, Decimal] = defaultdict(Decimal)
    for name, price in zip(tier, known.messages["price"], strict=True):
        costs[name if isinstance(name, str) else None] += 0 if pd.isna(price) else price
    found: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["tier"]] += Decimal(str(row["cost"] or 0))
    assert found == costs


@answers("How many codes are used?")
def _(rows: list[Row], known: Known) -> None:
    used = {reference for reference, _ in known.simulation.conversions}
    codes = known.messages[known.messages["client_ref"].fillna("").str.startswith("otp-")]
    for row in rows:
        code = row["network_code"]
        own = codes[codes["network_code"].isna() if code is None else codes["network_code"] == code]
        references = set(own["client_ref"])
        assert row["codes"] == len(references)
        assert row["converted"] == pytest.approx(len(references & used) / len(references))
    assert rows[0]["network_code"] == FAKED


@answers("Which numbers are dead, and what did they cost?")
def _(rows: list[Row], known: Known) -> None:
    reached = set(known.messages.loc[known.messages["outcome"] == "delivered", "msisdn"])
    failed = known.messages[known.messages["err_code"].isin(PERMANENT)]
    dead: dict[Any, Any] = {
        number: (len(of), of["price"].dropna().sum())
        for number, of in failed.groupby("msisdn")
        if len(of) > 1 and number not in reached
    }
    assert dead
    found = {row["msisdn"]: (row["messages"], Decimal(str(row["cost"]))) for row in rows}
    assert found == dead


@answers("Which messages were sent twice by mistake?")
def _(rows: list[Row], known: Known) -> None:
    again = known.messages[known.messages["message_id"].str.endswith("-again")]
    assert sum(row["messages"] for row in rows) == len(again) == TWICE
    assert sum(Decimal(str(row["cost"])) for row in rows) == again["price"].sum()


@answers("What does a second try bring?")
def _(rows: list[Row], known: Known) -> None:
    counts: dict[int, list[bool]] = defaultdict(list)
    for tries in known.logged():
        reached = False
        for number, row in enumerate(tries, start=1):
            delivered = row["outcome"] == "delivered"
            counts[number].append(delivered and not reached)
            reached |= delivered
    assert {row["try"]: (row["messages"], row["brought"]) for row in rows} == {
        number: (len(brought), pytest.approx(fmean(brought))) for number, brought in counts.items()
    }
    assert len(rows) >= 2


@answers("Does a network report deliveries that did not happen?")
def _(rows: list[Row], known: Known) -> None:
    assert [row["network_code"] for row in rows][:1] == [FAKED]
    assert rows[0]["asked_again"] > 0.1 > 0.02 > max(row["asked_again"] for row in rows[1:])
    asked: dict[str, list[bool]] = defaultdict(list)
    for tries in known.logged():
        for row, later in zip(tries, [*tries[1:], None], strict=True):
            delivered = row["outcome"] == "delivered" and pd.notna(row["push_latency_s"])
            code = row["client_ref"].startswith("otp-")
            if delivered and code and row["push_latency_s"] < 30:
                wait = (later["message_time"] - row["message_time"]) if later else WEEK
                asked[row["network_code"]].append(wait < dt.timedelta(minutes=3))
    for row in rows:
        own = asked[row["network_code"]]
        assert (row["delivered"], row["asked_again"]) == (len(own), pytest.approx(fmean(own)))


@answers("Which senders are filtered, and where?")
def _(rows: list[Row], known: Known) -> None:
    assert (rows[0]["network_code"], rows[0]["sender"]) == (DEARER, "Acme Shop")
    recent = known.sent(FELL_AT, END)
    for row in rows:
        own = recent[
            (recent["network_code"] == row["network_code"]) & (recent["sender"] == row["sender"])
        ]
        assert (row["sent"], row["filtered"]) == (len(own), own["err_code"].isin(REFUSED).sum())
        assert row["share"] == pytest.approx(row["filtered"] / row["sent"])


@answers("Where do we miss 95 % within 30 seconds?")
def _(rows: list[Row], known: Known) -> None:
    logged = known.messages[known.messages["sent_at_source"] == "sends"]
    networks = logged.groupby("network_code")["push_latency_s"]
    shares = {code: (of <= 30).sum() / len(of) for code, of in networks}
    missed = {code: pytest.approx(share) for code, share in shares.items() if share < 0.95}
    assert {row["network_code"]: row["within_30s"] for row in rows} == missed
    assert missed


def in_london(times: pd.Series[Any]) -> Any:
    """Naive UTC times as those of a clock in London."""
    return times.dt.tz_localize("UTC").dt.tz_convert("Europe/London")


@shows("At which hours of the week is less delivered?")
def _(figure: Any, known: Known) -> None:
    local = in_london(known.messages["message_time"])
    cells = known.messages.groupby([local.dt.strftime("%H"), local.dt.strftime("%a")])
    settled = {at: (one["outcome"] != "pending").sum() for at, one in cells}
    rates = {at: one["expected"].mean() for at, one in cells if settled[at] >= 100}
    shown = figure.data[0]
    found = dict(zip(zip(shown.x, shown.y, strict=True), shown.z, strict=True))
    assert found == {at: pytest.approx(rate, abs=0.01) for at, rate in rates.items()}
    assert len(found) + len(figure.data[1].x) == len(settled) > 160


@shows("How much is confirmed within each time?")
def _(figure: Any, known: Known) -> None:
    timed = known.messages.dropna(subset=["push_latency_s"]).groupby("network_code")
    curves = [trace for trace in figure.data if trace.mode == "lines"]
    assert len(curves) == len(timed) == 3
    for trace in curves:
        seconds = timed.get_group(trace.customdata[0].split("</b>")[0].removeprefix("<b>"))
        for at, share in zip(trace.x, trace.y, strict=True):
            assert share == pytest.approx((seconds["push_latency_s"] <= at + 1e-9).mean())
    assert figure.layout.shapes[0].x0 == 30


@shows("What does each month cost?")
def _(figure: Any, known: Known) -> None:
    months = known.messages.groupby(in_london(known.messages["message_time"]).dt.strftime("%Y-%m"))
    costs = [float(one["price"].dropna().sum()) for _, one in months]
    delivered, wasted = (trace.y for trace in figure.data)
    assert [sum(parts) for parts in zip(delivered, wasted, strict=True)] == pytest.approx(costs)


@shows("How do I send a result to a colleague?")
def _(_: Any, known: Known) -> None:
    sheet = openpyxl.load_workbook(known.folder / "rate.xlsx").worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    heads = next(row for row in rows if row[0] == "network_code")
    result = dlr_analytics.open(known.folder / "data").delivery_rate(by="network_code")
    at = [list(heads).index(name) for name in ("network_code", "delivery_rate")]
    own = [result.columns.index(name) for name in ("network_code", "delivery_rate")]
    found = {row[at[0]]: row[at[1]] for row in rows}
    assert found == pytest.approx({row[own[0]]: row[own[1]] for row in result})
    page = (known.folder / "rate.html").read_text("utf-8")
    assert "plotly" in page
    assert "<script src=" not in page


@shows("What does the manager read each month?")
def _(path: Path, known: Known) -> None:
    page = path.read_text("utf-8")
    sent = known.sent(dt.datetime(2026, 10, 1), dt.datetime(2026, 11, 1))
    assert "Acme, October" in page
    assert f"{sent['expected'].mean():.1%} of messages" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert f"{len(sent):,}" in page
