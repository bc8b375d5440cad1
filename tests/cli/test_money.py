"""Money from the wire to the report: exact, and never added across currencies."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import run

Row = dict[str, Any]
Ask = Callable[..., list[Row]]

DAY = "2026-11-10"


def sms(message_id: str, price: object, **fields: object) -> str:
    """The body of an SMS API receipt."""
    body = {
        "messageId": message_id,
        "msisdn": "447700900001",
        "to": "Acme",
        "network-code": "23410",
        "price": price,
        "status": "delivered",
        "message-timestamp": f"{DAY} 12:00:00",
    }
    return json.dumps(body | fields)


def webhook(message_id: str, price: str, currency: str) -> str:
    """The body of a Messages API status webhook."""
    body = {
        "message_uuid": message_id,
        "to": "447700900001",
        "from": "Acme",
        "timestamp": f"{DAY}T12:00:00Z",
        "status": "delivered",
        "usage": {"currency": currency, "price": price},
        "destination": {"network_code": "23410"},
    }
    return json.dumps(body)


@pytest.fixture
def dlr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """``dlr COMMAND`` on one data directory; what it printed."""

    def dlr(command: str, *arguments: str | Path) -> str:
        done = run(capsys, command, *arguments, "--data", tmp_path / "data")
        assert done.code == 0, done.err
        return done.out

    return dlr


@pytest.fixture
def receive(tmp_path: Path, dlr: Callable[..., str]) -> Callable[..., None]:
    """Import webhook bodies."""

    def receive(*bodies: str) -> None:
        (tmp_path / "bodies.jsonl").write_text("\n".join(bodies) + "\n")
        dlr("import", tmp_path / "bodies.jsonl")

    return receive


@pytest.fixture
def send(tmp_path: Path, dlr: Callable[..., str]) -> Callable[[str, str], None]:
    """Import a file of send times."""

    def send(name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        dlr("sends", tmp_path / name)

    return send


@pytest.fixture
def cost(dlr: Callable[..., str]) -> Ask:
    """The rows of ``dlr query cost``."""

    def cost(*arguments: str) -> list[Row]:
        return list(json.loads(dlr("query", "cost", "--format", "json", *arguments)))

    return cost


Receive = Callable[..., None]


def test_ten_times_a_tenth_is_one(receive: Receive, cost: Ask) -> None:
    receive(*(sms(f"{n:04X}", "0.10000000") for n in range(10)))
    assert cost()[0]["cost"] == "1.00000000"


def test_a_number_in_json_is_as_exact_as_text(receive: Receive, cost: Ask) -> None:
    receive(sms("0A", "").replace('"price": ""', '"price": 1234567890.12345678'))
    assert cost()[0]["cost"] == "1234567890.12345678"


def test_the_last_of_eight_decimals_survives_a_large_sum(receive: Receive, cost: Ask) -> None:
    prices = ["9999999.99999999", "0.00000001", "0.00000002"]
    receive(*(sms(f"{n:04X}", price) for n, price in enumerate(prices)))
    assert Decimal(cost()[0]["cost"]) == sum(map(Decimal, prices)) == Decimal("10000000.00000002")


def test_a_price_that_each_receipt_repeats_counts_once(receive: Receive, cost: Ask) -> None:
    receive(sms("0A", "0.0333", status="accepted"), sms("0A", "0.0333"), sms("0A", "0.0333"))
    (row,) = cost()
    assert (row["priced"], row["cost"]) == (1, "0.03330000")


def test_comma_decimals_count_and_empty_prices_are_missing(
    receive: Receive, cost: Ask, dlr: Callable[..., str]
) -> None:
    receive(sms("0A", "0,0333"), sms("0B", ""), sms("0C", "0.0333"))
    (row,) = cost()
    assert (row["messages"], row["priced"], row["cost"]) == (3, 2, "0.06660000")
    found = json.loads(dlr("query", "quality", "--format", "json"))
    named = {one["problem"]: one["messages"] for one in found if one["messages"]}
    assert {name: n for name, n in named.items() if "price" in name} == {
        "price_comma": 1,
        "price_missing": 1,
        "price_unknown": 1,
    }


@pytest.mark.thorough
def test_the_currency_is_the_setting_s_where_the_data_does_not_say(
    receive: Receive, cost: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(sms("0A", "0.0333"), webhook("0B", "0.05", "USD"))
    assert [(row["currency"], row["cost"]) for row in cost()] == [
        ("EUR", "0.03330000"),
        ("USD", "0.05000000"),
    ]
    monkeypatch.setenv("DLR_CURRENCY", "GBP")
    assert [row["currency"] for row in cost()] == ["GBP", "USD"]
    monkeypatch.setenv("DLR_CURRENCY", "USD")
    assert [(row["currency"], row["cost"]) for row in cost()] == [("USD", "0.08330000")]


def test_one_currency_is_one_however_it_is_written(
    receive: Receive, send: Callable[[str, str], None], cost: Ask
) -> None:
    receive(webhook("0A", "0.05", "usd"))
    send("log.csv", f"message_id,sent_at,price,currency\n0B,{DAY}T12:00:00Z,0.01,usd\n")
    assert [(row["currency"], row["cost"]) for row in cost()] == [("USD", "0.06000000")]


def test_a_send_log_s_price_is_as_exact_as_a_receipt_s(
    send: Callable[[str, str], None], cost: Ask
) -> None:
    result = f'{{"message_id": "0A", "sent_at": "{DAY}T12:00:00Z", "price": 1234567890.12345678}}'
    send("log.jsonl", result + "\n")
    assert cost()[0]["cost"] == "1234567890.12345678"


def test_a_reports_row_says_its_price_and_its_currency(
    send: Callable[[str, str], None], cost: Ask
) -> None:
    head = "account_id,message_id,direction,from,to,date_received,currency,total_price"
    rows = [
        f"abcd1234,0{at},outbound,Acme,447700900001,{DAY}T12:00:00+0000,{currency},{price}"
        for at, (currency, price) in enumerate([("EUR", "0.1"), ("USD", '"0,2"'), ("USD", "")])
    ]
    send("report.csv", "\n".join([head, *rows]) + "\n")
    result = cost()
    assert [(r["currency"], r["messages"], r["priced"], r["cost"]) for r in result] == [
        ("EUR", 1, 1, "0.10000000"),
        ("USD", 2, 1, "0.20000000"),
    ]


def test_currencies_are_separate_in_every_grouping(receive: Receive, cost: Ask) -> None:
    receive(sms("0A", "1"), sms("0B", "2"), webhook("0C", "4", "USD"))
    for by in ("country", "day", "network_code,status"):
        assert [row["cost"] for row in cost("--by", by)] == ["3.00000000", "4.00000000"]


def test_the_report_has_a_table_a_currency_and_no_sum_of_both(
    receive: Receive, dlr: Callable[..., str], tmp_path: Path
) -> None:
    receive(sms("0A", "1"), sms("0B", "2"), webhook("0C", "4", "USD"))
    dlr("report", "-o", tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "What it cost in EUR" in text
    assert "What it cost in USD" in text
    assert "€3.00" in text
    assert "\\$4.00" in text
    assert "7.00" not in text
