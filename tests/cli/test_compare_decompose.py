"""``dlr compare`` and ``dlr decompose``: what they find, and errors in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import Done, run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

Ask = Callable[..., Done]

WEEK_S = 7 * 24 * 3600


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine weeks; a tenth fails, in the last one half."""
    folder = tmp_path_factory.mktemp("studies") / "data"
    receive(
        folder,
        [
            receipt(
                f"m{week}-{number}",
                "failed" if number % (2 if week == 8 else 10) == 0 else "delivered",
                (week - 9) * WEEK_S + number,
                network_code="23410" if number % 3 else "26201",
                price=Decimal("0.04" if number % 3 else "0.07"),
            )
            for week in range(9)
            for number in range(150 + week)
        ]
        + [receipt("last", seconds=-WEEK_S + 4 * 24 * 3600)],
    )
    return folder


@pytest.fixture
def ask(data: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return lambda *arguments: run(capsys, *arguments, "--data", data)


def objects(done: Done) -> list[dict[str, Any]]:
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    assert isinstance(rows, list)
    return rows


def test_compare_finds_the_week_in_which_half_failed(ask: Ask) -> None:
    rows = objects(ask("compare", "--by", "network_code", "--format", "json"))
    assert {(row["network_code"], row["verdict"], row["periods"]) for row in rows} == {
        ("23410", "changed", 8),
        ("26201", "changed", 8),
    }
    (row,) = objects(ask("compare", "cost_per_message", "--periods", "5", "--format", "json"))
    assert (row["periods"], row["verdict"]) == (5, "within noise")


def test_decompose_says_that_it_was_both_networks_own_rate(ask: Ask) -> None:
    rows = objects(ask("decompose", "--by", "network_code", "--format", "json"))
    assert all(row["rate_effect"] < -0.05 for row in rows)
    against = ("--against", "2026-09-20/2026-09-27")
    rows = objects(ask("decompose", "cost_per_message", *against, "--format", "json"))
    assert abs(rows[0]["effect"]) < 0.001


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "latency"), "unknown figure 'latency'; there are: delivery_rate"),
        (("compare", "--periods", "4"), "give a whole number from 5 to 52"),
        (("compare", "--periods", "53"), "give a whole number from 5 to 52"),
        (("compare", "--periods", "many"), "'many' is not a valid integer"),
        (("compare", "--by", "nettwork"), "did you mean 'network'?"),
        (("compare", "--since", "2026-12-02", "--until", "2026-12-02"), "is empty"),
        (("compare", "--where", "price"), "where: "),
        (("compare", "--unit", "sms"), "No such option"),
        (("query", "compare", "--unit", "sms"), "unknown keyword 'unit'"),
        (("decompose", "--against", "2026-12-01"), "give its beginning and its end"),
        (("decompose", "--against", "2026-10-01/2026-10-31"), "overlap"),
        (("decompose", "--against", "2020-01-01/2020-01-08"), "no messages from 2020-01-01"),
        (("decompose", "--since", "2030-01-01", "--until", "2030-01-02"), "no messages from"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(arguments: tuple[str, ...], said: str, ask: Ask) -> None:
    done = ask(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert said in done.err
