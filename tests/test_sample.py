"""tests/data/sample/: small, with invented numbers, in agreement with its truth."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from decimal import Decimal

import pytest

import dlr_analytics
from dlr_analytics.analysis.database import Database
from tests.support.sample import SAMPLE, SHIPPED, recipe, shipped_recipe

SHIPPED_TRUTH = json.loads((SHIPPED / "truth.json").read_text(encoding="utf-8"))
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def db() -> Database:
    return dlr_analytics.open(SAMPLE)


@pytest.fixture(scope="module")
def shipped() -> Database:
    return dlr_analytics.open(SHIPPED)


@pytest.mark.thorough
def test_the_sample_is_what_its_recipe_makes_today(db: Database) -> None:
    """Fails if the simulator has changed and the sample was not regenerated."""
    wanted = Counter((receipt.received_at, receipt.raw) for receipt in recipe().receipts())
    assert Counter(db.receipts.select("received_at", "raw").fetchall()) == wanted


def test_the_truth_beside_it_is_the_recipe_s() -> None:
    told = json.loads(json.dumps(recipe().truth.summary(), default=str))
    assert {name: TRUTH[name] for name in told} == told


@pytest.mark.slow
def test_the_shipped_sample_is_what_its_recipe_makes_today(shipped: Database) -> None:
    simulation = shipped_recipe()
    wanted = Counter((receipt.received_at, receipt.raw) for receipt in simulation.receipts())
    assert Counter(shipped.receipts.select("received_at", "raw").fetchall()) == wanted
    told = json.loads(json.dumps(simulation.truth.summary(), default=str))
    assert {name: SHIPPED_TRUTH[name] for name in told} == told


def test_the_shipped_sample_has_the_outcomes_and_the_cost_of_its_truth(shipped: Database) -> None:
    rows = shipped.messages.aggregate("outcome, count(*)").fetchall()
    assert dict(rows) == {n: count for n, count in SHIPPED_TRUTH["outcomes"].items() if count}
    assert sum(count for _, count in rows) == 30_000
    ((currency, cost),) = shipped.messages.aggregate("currency, sum(price)").fetchall()
    assert {currency: cost} == {n: Decimal(total) for n, total in SHIPPED_TRUTH["cost"].items()}


def test_the_shipped_sample_names_its_incidents() -> None:
    kinds = {incident["kind"] for incident in SHIPPED_TRUTH["incidents"]}
    assert {"filtering", "price_change", "slowdown", "campaign", "outage"} <= kinds
    assert all(incident["messages"] > 0 for incident in SHIPPED_TRUTH["incidents"])


def test_the_shipped_sample_has_streams_and_the_codes_that_were_used(shipped: Database) -> None:
    kinds = shipped.messages.aggregate("split_part(client_ref, '-', 1) as kind, count(*)")
    counts = dict(kinds.filter("kind is not null").fetchall())
    assert min(counts[kind] for kind in ("otp", "order", "promo")) > 1000
    used = gzip.decompress((SHIPPED / "conversions.csv.gz").read_bytes()).decode().splitlines()
    assert used[0] == "client_ref"
    assert all(reference.startswith("otp-") for reference in used[1:])
    assert len(used) > 1000


def test_the_shipped_sample_is_at_most_3_mb() -> None:
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 3_000_000


def test_outcomes_and_cost_are_those_of_the_truth(db: Database) -> None:
    rows = db.messages.aggregate("outcome, count(*)").fetchall()
    assert dict(rows) == {name: count for name, count in TRUTH["outcomes"].items() if count}
    ((currency, cost),) = db.messages.aggregate("currency, sum(price)").fetchall()
    assert {currency: cost} == {name: Decimal(sum_) for name, sum_ in TRUTH["cost"].items()}


def test_send_times_and_quarantine_are_as_many_as_in_the_truth(db: Database) -> None:
    assert db.sends.count("*").fetchall() == [(TRUTH["sends"],)]
    lines = [path.read_bytes().count(b"\n") for path in (SAMPLE / "quarantine").iterdir()]
    assert sum(lines) == TRUTH["quarantined"]


def test_networks_are_large_enough_for_a_rate(db: Database) -> None:
    networks = db.messages.filter("network_code is not null")
    counts = networks.aggregate("network_code, count(*)").fetchall()
    assert len(counts) == 14
    assert min(count for _, count in counts) >= 100


def test_the_whole_is_under_700_kb() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 700_000


def test_numbers_are_reserved_for_fiction(db: Database, shipped: Database) -> None:
    reserved = re.compile(r"447700900\d{3}|1[2-9]\d\d55501\d\d|3363998\d{4}")
    numbers = {
        number
        for database in (db, shipped)
        for (number,) in database.receipts.select("msisdn").fetchall()
    }
    assert [number for number in numbers if not reserved.fullmatch(number)] == []
