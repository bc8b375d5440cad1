"""Calls that are no receipts: the same by the receiver, by import and by replay, and counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

import dlr_analytics as dlr
from dlr_analytics.store import quarantine
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import QuarantineEntry
from tests.support.commands import Done, run
from tests.support.journals import NOON
from tests.support.receivers import PATH, Running

Dlr = Callable[..., Done]

RECEIPT = {
    "messageId": "0A00",
    "msisdn": "447700900001",
    "status": "delivered",
    "message-timestamp": "2026-11-24 08:00:00",
}
INBOUND = [
    {"messageId": f"0B{n}", "msisdn": "447700900002", "to": "12345", "text": "STOP", "type": "text"}
    for n in range(3)
]
WHATSAPP = {
    "message_uuid": "aaaa",
    "to": "447700900003",
    "from": "447700900004",
    "channel": "WhatsApp",
    "status": "read",
    "timestamp": "2026-11-24T08:00:00Z",
}
ALL = [RECEIPT, *INBOUND, WHATSAPP]


def received(data: Path, start: Callable[..., Running], dlr_: Dlr) -> None:
    receiver = start(data=data)
    for call in ALL:
        assert receiver.ask("POST", PATH, json.dumps(call)).code == 200
    receiver.stop()


def as_json(data: Path, start: Callable[..., Running], dlr_: Dlr) -> None:
    imported(dlr_, data, "calls.jsonl", "\n".join(map(json.dumps, ALL)))


def as_csv(data: Path, start: Callable[..., Running], dlr_: Dlr) -> None:
    names = list(dict.fromkeys(name for call in ALL[:-1] for name in call))
    rows = [",".join(call.get(name, "") for name in names) for call in ALL[:-1]]
    imported(dlr_, data, "calls.csv", "\n".join([",".join(names), *rows]))
    imported(dlr_, data, "webhook.jsonl", json.dumps(WHATSAPP))


def as_log(data: Path, start: Callable[..., Running], dlr_: Dlr) -> None:
    stamp = "192.0.2.1 - - [24/Nov/2026:08:00:00 +0000]"
    lines = [
        f'{stamp} "GET /dlr?{urlencode(call, quote_via=quote)} HTTP/1.1" 200 0' for call in ALL
    ]
    imported(dlr_, data, "access.log", "\n".join(lines))


def imported(dlr_: Dlr, data: Path, name: str, content: str) -> None:
    file = data.parent / name
    file.write_text(content + "\n", encoding="utf-8")
    for _ in range(2):  # importing a file twice changes nothing
        done = dlr_("import", "--data", data, file)
        assert done.code == 0, done


def replayed(data: Path, start: Callable[..., Running], dlr_: Dlr) -> None:
    entries = [
        QuarantineEntry(NOON, "no message ID", json.dumps({"body": json.dumps(call)}))
        for call in ALL
    ]
    writer = Writer(data)
    writer.write([Entry(None, quarantine.encode(entry)) for entry in entries])
    writer.release()
    dlr_("quarantine", "--replay", "--data", data)


@pytest.mark.thorough
@pytest.mark.parametrize("way", [received, as_json, as_csv, as_log, replayed])
def test_one_receipt_and_three_inbound_messages_are_one_message_by_every_way(
    way: Callable[[Path, Callable[..., Running], Dlr], None],
    tmp_path: Path,
    start: Callable[..., Running],
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "data"
    way(data, start, partial(run, capsys))
    db = dlr.open(data)
    (rate,) = db.delivery_rate().df().to_dict("records")
    assert (rate["messages"], rate["success_ratio"]) == (1, 1.0)
    (both,) = db.delivery_rate(channel="all").df().to_dict("records")
    assert (both["messages"], both["delivered"]) == (2, 2)
    assert [entry.reason for entry in quarantine.entries(data)] == 3 * ["an inbound message"]
    problems = db.quality().df().set_index("problem")["messages"]
    assert (problems["not_a_receipt"], problems["other_channel"]) == (3, 1)
    shown = run(capsys, "status", "--data", data).out
    assert "quarantine      3 (3 inbound messages)" in shown
    assert "other channels  1 whatsapp" in shown
