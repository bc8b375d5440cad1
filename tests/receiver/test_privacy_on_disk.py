"""What is on disk: readable by its owner alone, and with no number that was to be hidden."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.judge import Quarantine, Request, Rules, Store, judge
from dlr_analytics.webhook.privacy import Privacy
from tests.support.commands import run
from tests.support.receivers import PATH, Running, stored

Start = Callable[..., Running]

NUMBER = "447700900123"
SENDS = '{"message-id": "A1", "sent_at": "2026-11-24T08:00:00Z", "to": "447700900123"}\n'


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """Set a umask that restricts nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def send(receiver: Running) -> None:
    """Send receipts by each transport, and a request that cannot be parsed."""
    fields = f"msisdn={NUMBER}&status=delivered&note=%2B44+7700+900123"
    assert receiver.ask("GET", f"{PATH}?messageId=A1&{fields}").code == 200
    assert receiver.ask("POST", PATH, f"messageId=A2&{fields}").code == 200
    assert receiver.ask("POST", PATH, f'{{"messageId": "A3", "msisdn": {NUMBER}}}').code == 200
    assert receiver.ask("POST", PATH, f'{{"message_uuid": "A4", "to": "{NUMBER}"}}').code == 200
    assert receiver.ask("POST", PATH, f'{{"msisdn": "{NUMBER}').code == 200
    assert receiver.ask("POST", PATH, f"msisdn={NUMBER}").code == 200


def accessible(data: Path) -> list[tuple[str, str]]:
    """Files and folders that others than their owner may access."""
    modes = [(path, stat.S_IMODE(path.lstat().st_mode)) for path in (data, *data.rglob("*"))]
    return [(str(path), oct(mode)) for path, mode in modes if mode & 0o077]


@pytest.mark.thorough
@pytest.mark.usefixtures("open_to_all")
def test_whatever_is_made_only_its_owner_may_read(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver = start("--workers=2")
    data = receiver.data
    send(receiver)
    assert list((data / "journal").iterdir())
    assert accessible(data) == []
    assert receiver.stop()[0] == 0
    (tmp_path / "sends.jsonl").write_text(SENDS)
    (tmp_path / "receipts.jsonl").write_text(
        '{"messageId": "B1", "received_at": "2026-11-01T08:00:00Z"}\n'
    )
    assert run(capsys, "sends", tmp_path / "sends.jsonl", "--data", data).code == 0
    assert run(capsys, "import", tmp_path / "receipts.jsonl", "--data", data).code == 0
    assert run(capsys, "quarantine", "--replay", "--data", data).code == 1
    assert run(capsys, "compact", "--data", data).code == 0
    made = {path.relative_to(data).parts[0] for path in data.rglob("*") if path.is_file()}
    assert made >= {"receipts", "quarantine", "sends", "messages", "instance"}
    assert accessible(data) == []


@pytest.mark.thorough
@pytest.mark.parametrize("how", ["hash", "mask"])
def test_no_byte_of_a_number_that_is_to_be_hidden_touches_the_disk(start: Start, how: str) -> None:
    receiver = start(msisdn=how, msisdn_key="a key", seal_seconds="3600")
    send(receiver)
    files = [path for path in receiver.data.rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert written.count(b"A1") >= 2
    assert receiver.stop()[0] == 0
    assert stored(receiver.data) == {"A1": 1, "A2": 1, "A3": 1, "A4": 1}
    rows = duckdb.execute(f"from read_parquet('{receiver.data}/receipts/**/*.parquet')").fetchall()
    for text in (written.decode(), str(rows)):
        assert re.search(r"7700\D*900\D*123|00123", text) is None


PLANTED = "447700900456"
RECEIPT = {
    "msisdn": NUMBER,
    "to": "Acme",
    "network-code": "23410",
    "price": "0.0333",
    "status": "delivered",
    "err-code": "0",
    "scts": "2611240759",
    "message-timestamp": "2026-11-24 07:59:00",
    "api-key": "abcd1234",
    "client-ref": "order 17",
    "from": "Acme",
    "text": "hello",
    "recipient": "",
    "message-id": "",
}
WEBHOOK = {
    "to": NUMBER,
    "from": "Acme",
    "status": "delivered",
    "channel": "sms",
    "timestamp": "2026-11-24T07:59:00Z",
    "client_ref": "order 17",
    "network_code": "23410",
    "usage": {"currency": "EUR", "price": "0.0333"},
    "error": {"title": "1320", "detail": "none"},
    "destination": {"network_code": "23410"},
}
SPELLED = st.sampled_from(
    [
        PLANTED,
        f"+{PLANTED}",
        f"00{PLANTED}",
        "+44 7700 900456",
        "+44 (0)7700 900 456",
        "44-7700-900456",
        "44.7700/900456",
        "07700 900456",
        "%2B44%207700%20900456",
        f"x{PLANTED}y",
        f"sent to {PLANTED} at 2026-11-24 08:00",
        "\u202a+44\u00a07700\u2011900456\u202c",
    ]
)
SEEN = re.compile(r"7700\D*900\D*456|900456|%3[47]")


@st.composite
def inputs(draw: st.DrawFn) -> tuple[str, str]:
    """An input's kind and its text, with the number planted in one field."""
    number = draw(SPELLED)
    key = draw(st.text("abcdef", min_size=6))
    kind = draw(st.sampled_from(["get", "form", "json", "v1", "v0.1", "inbound", "broken", "none"]))
    fields: dict[str, object] = {**RECEIPT}
    if kind in ("v1", "v0.1", "inbound"):
        fields = {**WEBHOOK}
    # The account's own sender and the message ID are stored as they are.
    kept = {"to", "message-id" if kind in ("none", "broken") else "to"}
    name = draw(
        st.sampled_from(sorted(fields.keys() - (kept if fields["to"] == "Acme" else {"from"})))
    )
    if kind in ("v1", "v0.1"):
        fields["message_uuid"] = key
    elif kind == "inbound":
        fields |= {"message_uuid": key, "text": "hi", "direction": "inbound", "to": "Acme"}
        name = draw(st.sampled_from(["from", "to", "text"]))
        del fields["status"]
    elif kind in ("get", "form", "json"):
        fields["messageId"] = key
        if draw(st.booleans()):
            fields["msisdn"], name = "", "to"
    value: object = number
    before = fields[name]
    if isinstance(before, dict):
        value = {**before, draw(st.sampled_from(["price", "detail", number])): number}
    elif kind == "v0.1" or (kind == "inbound" and name != "text"):
        value = {"type": "sms", "number": number} if draw(st.booleans()) else number
    fields[name] = value
    if kind in ("get", "form", "none"):
        return kind, urlencode(fields)
    text = json.dumps(fields, ensure_ascii=draw(st.booleans()))
    return kind, text[:-1] if kind == "broken" else text


@pytest.mark.parametrize("how", ["hash", "mask"])
def test_a_number_planted_in_any_field_of_any_input_is_in_no_byte(
    tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    privacy = Privacy(how, b"key")
    data = tmp_path / "data"
    now = dt.datetime(2026, 11, 24, 8)
    lines: list[str] = []

    @given(inputs())
    def plant(planted: tuple[str, str]) -> None:
        kind, text = planted
        query, body = (text.encode(), b"") if kind == "get" else (b"", text.encode())
        verdict = judge(Request("POST", PATH, query, {}, body, "::1"), Rules(privacy=privacy), now)
        assert isinstance(verdict, Store | Quarantine)
        assert SEEN.search(repr(verdict)) is None
        if kind == "get":
            log = '192.0.2.1 - - [24/Nov/2026:08:00:00 +0000] "GET /dlr?{} HTTP/1.1" 200 0'
            lines.append(log.format(text))

    plant()
    monkeypatch.setenv("DLR_MSISDN", how)
    monkeypatch.setenv("DLR_MSISDN_KEY", "key")
    (tmp_path / "access.log").write_text("\n".join(lines))
    (tmp_path / "receipts.csv").write_text(
        "message_id,msisdn,sender,client_ref,network_code,note\n"
        f"A,{NUMBER},Acme,+44 7700 900456,x,y\nB,{PLANTED},Acme,,{PLANTED},+44-7700-900456\n"
    )
    (tmp_path / "reports.csv").write_text(
        "message_id,date_received,to,from,client_ref,network,currency,error_code_description\n"
        f"C,2026-11-24T08:00:00+0000,{PLANTED},Acme,{PLANTED},{PLANTED},EUR,to +44 7700 900456\n"
    )
    (tmp_path / "receipts.jsonl").write_text(
        f'{{"message_id": "D", "to": "{PLANTED}", "from": "{PLANTED}", "status": "delivered"}}\n'
    )
    (tmp_path / "sends.csv").write_text(
        "message_id,sent_at,to,client_ref,network_code\n"
        f"A,2026-11-24T07:00:00Z,{PLANTED},+44 7700 900456,{PLANTED}\n"
    )
    for file in ("access.log", "receipts.csv", "reports.csv", "receipts.jsonl"):
        assert run(capsys, "import", tmp_path / file, "--data", data).code in (0, 1)
    for file in ("sends.csv", "reports.csv"):
        assert run(capsys, "sends", tmp_path / file, "--data", data).code == 0
    paths = {path.parent.name.partition("=")[0]: path for path in data.rglob("*.parquet")}
    assert paths.keys() >= {"received_date", "sends"}
    for path in data.rglob("*"):
        if path.is_file():
            read = path.read_bytes().decode("latin-1")
            assert SEEN.search(read) is None or path.suffix == ".parquet"
        if path.suffix == ".parquet":
            rows = duckdb.execute("from read_parquet(?)", [str(path)]).fetchall()
            assert SEEN.search(str(rows)) is None
