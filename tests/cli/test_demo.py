"""``dlr demo``: end to end, with files that agree with the truth."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow.dataset
import pytest

import dlr_analytics
from dlr_analytics.cli.demonstration.data import create_data_directory, delivery_errors
from dlr_analytics.errors import DataError, DataFolderInUse
from dlr_analytics.simulate import WebhookCall, simulate
from dlr_analytics.simulate import post as posting
from dlr_analytics.simulate.post import Posted, post
from dlr_analytics.webhook.judge import Rules, Store, judge

A_CALL = next(call for call in simulate(5, seed=1, days=1).calls if call.kind == "receipt")
DLR = (sys.executable, "-m", "dlr_analytics")


def dlr(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DLR, *arguments], capture_output=True, text=True, timeout=170)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    data = tmp_path_factory.mktemp("demo") / "new" / "demo"
    done = dlr("demo", "--data", str(data), "--messages", "600", "--seed", "4")
    assert done.returncode == 0, done.stderr
    return data, done


@pytest.fixture(scope="module")
def data(demo: tuple[Path, object]) -> Path:
    return demo[0]


@pytest.fixture(scope="module")
def truth(data: Path) -> dict[str, Any]:
    return dict(json.loads((data / "truth.json").read_text()))


def asked(data: Path, statement: str) -> list[dict[str, Any]]:
    """The output of ``dlr sql``."""
    done = dlr("sql", statement, "--data", str(data), "--format", "json")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_it_prints_the_headline_and_where_the_report_is(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data, done = demo
    headline, place = done.stdout.splitlines()
    assert re.search(r"\b600 messages\b", headline)
    assert re.search(r"\d\d\.\d%", headline)
    assert place == str(data / "report.html")


def test_the_report_needs_no_network_and_no_script(data: Path) -> None:
    page = (data / "report.html").read_text(encoding="utf-8")
    assert "600 messages" in page
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page)


def test_no_bar_goes_into_a_pipe(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert "Sending" not in demo[1].stderr


def test_receipts_are_as_many_as_the_truth_says(data: Path, truth: dict[str, Any]) -> None:
    assert asked(data, "select count(*) as n from receipts") == [{"n": truth["receipts"]}]


def test_messages_and_outcomes_are_those_of_the_truth(data: Path, truth: dict[str, Any]) -> None:
    rows = asked(data, "select outcome, count(*) as n from messages group by outcome")
    counts = {name: n for name, n in truth["outcomes"].items() if n}
    assert {row["outcome"]: row["n"] for row in rows} == counts
    assert sum(counts.values()) == truth["messages"] == 600


def test_the_cost_is_the_truth_s_to_the_last_decimal(
    data: Path, truth: dict[str, dict[str, str]]
) -> None:
    (row,) = asked(data, "select currency, sum(price) as cost from messages group by currency")
    assert {row["currency"]: Decimal(str(row["cost"]))} == {
        currency: Decimal(cost) for currency, cost in truth["cost"].items()
    }


def test_send_times_are_recorded(data: Path, truth: dict[str, Any]) -> None:
    assert asked(data, "select count(*) as n from sends") == [{"n": truth["sends"]}]


def test_arrivals_are_simulated_and_so_is_the_moment_asked_for(
    data: Path, truth: dict[str, str]
) -> None:
    (row,) = asked(data, "select max(received_at) as newest from receipts")
    assert str(row["newest"]).replace("T", " ") == truth["as_of"]


def test_other_readers_see_each_receipt_with_no_help(data: Path, truth: dict[str, Any]) -> None:
    folder = data / "receipts"
    counts = {
        "pandas": len(pd.read_parquet(folder)),
        "polars": pl.scan_parquet(folder / "**/*.parquet").select(pl.len()).collect().item(),
        "pyarrow": pyarrow.dataset.dataset(folder, partitioning="hive").count_rows(),
    }
    assert set(counts.values()) == {truth["receipts"]}


def test_nothing_is_left_unsealed(data: Path) -> None:
    assert list((data / "journal").iterdir()) == []


def test_a_folder_in_use_is_refused_in_one_line_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    done = dlr("demo", "--data", str(tmp_path), "--messages", "5")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (f"dlr: {tmp_path} is not empty; remove it, or choose another --data\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_empty_folder_is_welcome_and_a_full_one_is_not(tmp_path: Path) -> None:
    create_data_directory(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderInUse):
        create_data_directory(tmp_path)
    with pytest.raises(DataError):
        create_data_directory(tmp_path / "file" / "below")


# --- killed in the middle ---------------------------------------------------------------------


@contextmanager
def started(*command: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A receiver and its address."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@pytest.mark.thorough
def test_killed_in_the_middle_and_started_again_it_loses_nothing_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call retried after a broken connection may be stored once per attempt."""
    monkeypatch.setattr(posting, "FIRST_WAIT_S", 0.05)
    data = tmp_path / "demo"
    calls = simulate(600, seed=4).calls
    with started(
        sys.executable, "-m", "dlr_analytics.cli.demonstration.receiver", str(data)
    ) as first:
        killed, url = first
        posted = _post_while_killing(killed, url, calls, data)
    sure = Counter(raw_of(call) for call in posted.acknowledged if call.kind == "receipt")
    unsure = Counter(raw_of(call) for call in posted.repeated if call.kind == "receipt")
    stored = Counter(raw for (raw,) in dlr_analytics.open(data).receipts.select("raw").fetchall())
    assert len(posted.acknowledged) == len(calls)
    assert sure - stored == Counter()
    assert stored - sure <= unsure


def _post_while_killing(
    receiver: subprocess.Popen[str], url: str, calls: tuple[WebhookCall, ...], data: Path
) -> Posted:
    """Kill the receiver after 300 answers, then start ``dlr receive`` instead."""
    answers = 0
    others: list[subprocess.Popen[str]] = []
    options = ["--data", str(data), "--port", url.rpartition(":")[2], "--admin-port", "0"]

    def tick() -> None:
        nonlocal answers
        answers += 1
        if answers == 300:
            receiver.send_signal(signal.SIGKILL)
            receiver.wait()
            others.append(
                subprocess.Popen([*DLR, "receive", *options], stdout=subprocess.DEVNULL, text=True)
            )

    try:
        return post(calls, url, tick=tick)
    finally:
        for other in others:
            other.terminate()
            assert other.wait() == 0


def raw_of(call: WebhookCall) -> str:
    verdict = judge(call.request(), Rules(), call.arrived_at)
    assert isinstance(verdict, Store)
    return verdict.receipt.raw


# --- the check itself -------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_lost_receipt_and_a_doubled_one_are_found(data: Path) -> None:
    receipts = dlr_analytics.open(data).receipts
    rows = receipts.select("received_at", "message_id").fetchall()
    calls = tuple(call_like(*row) for row in rows)
    assert delivery_errors(data, Posted(calls, ())) == []
    lost = call_like(calls[0].arrived_at, "never stored")
    (finding,) = delivery_errors(data, Posted((*calls, lost), ()))
    assert finding.startswith("never stored at ")
    assert finding.endswith("acknowledged 1 times, stored 0")
    (doubled,) = delivery_errors(data, Posted(calls[1:], ()))
    assert doubled.endswith("acknowledged 0 times, stored 1")
    assert delivery_errors(data, Posted(calls[1:], (calls[0],))) == []


def call_like(arrived_at: dt.datetime, message_id: str) -> WebhookCall:
    """A call with that arrival and that message ID."""
    return dataclasses.replace(A_CALL, arrived_at=arrived_at, fields={"messageId": message_id})
