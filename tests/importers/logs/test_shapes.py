"""Logs of servers, balancers and applications: a receipt is read wherever its URL is."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.receipt_reader import ReadReceipt, ReceiptReader
from dlr_analytics.importers.registry import read_receipts
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

NOW = dt.datetime(2026, 11, 24, 12)
LOGGED = dt.datetime(2026, 10, 1, 12, 0, 6)
EPOCH = 1790856006
NUMBER = "447700900001"
QUERY = urlencode(
    {
        "msisdn": NUMBER,
        "to": "Acme",
        "network-code": "23410",
        "messageId": "0A00",
        "price": "0.0333",
        "status": "delivered",
        "scts": "2610011200",
        "err-code": "0",
        "message-timestamp": "2026-10-01 12:00:05",
    }
)

Write = Callable[..., str]


def read(content: str, privacy: Privacy | None = None) -> list[ReadReceipt]:
    first = next((line.strip() for line in content.splitlines() if line.strip()), "")
    text = Text("given.log", first, io.StringIO(content, newline=""))
    return list(read_receipts(text, ReceiptReader(NOW, privacy or Privacy())))


def access(query: str, method: str = "GET", status: int = 200) -> str:
    stamp = "[01/Oct/2026:12:00:06 +0000]"
    return f'192.0.2.1 - - {stamp} "{method} /dlr?{query} HTTP/1.1" {status} 0'


def caddy(query: str, method: str = "GET", status: int = 200) -> str:
    headers = {
        "User-Agent": ["Nexmo"],
        "Referer": ["https://dlr.example.com/?messageId=0F&status=x"],
    }
    return json.dumps(
        {
            "level": "info",
            "ts": EPOCH + 0.25,
            "logger": "http.log.access.log0",
            "msg": "handled request",
            "request": {
                "remote_ip": "192.0.2.1",
                "proto": "HTTP/2.0",
                "method": method,
                "host": "dlr.example.com",
                "uri": f"/dlr?{query}",
                "headers": headers,
            },
            "duration": 0.00092,
            "size": 0,
            "status": status,
            "resp_headers": {"Location": [f"/dlr?{query.replace('0A00', '0F')}"]},
        }
    )


def nginx(query: str, method: str = "GET", status: int = 200) -> str:
    return json.dumps(
        {
            "time_local": "01/Oct/2026:14:00:06 +0200",
            "remote_addr": "192.0.2.1",
            "request": f"{method} /dlr?{query} HTTP/1.1",
            "status": str(status),
            "request_time": "0.003",
            "http_referrer": "-",
        }
    )


def nginx_fields(query: str, method: str = "GET", status: int = 200) -> str:
    fields = {"msec": f"{EPOCH}.250", "uri": "/dlr", "args": query, "request_method": method}
    return json.dumps({**fields, "status": str(status)})


def traefik(query: str, method: str = "GET", status: int = 200) -> str:
    return json.dumps(
        {
            "DownstreamStatus": status,
            "RequestMethod": method,
            "RequestPath": f"/dlr?{query}",
            "StartUTC": "2026-10-01T12:00:06.123456789Z",
            "time": "2026-10-01T12:00:07Z",
            "level": "info",
        }
    )


def ecs(query: str, method: str = "GET", status: int = 200) -> str:
    return json.dumps(
        {
            "@timestamp": "2026-10-01T12:00:06.000Z",
            "url": {"original": f"https://dlr.example.com/dlr?{query}", "path": "/dlr"},
            "http": {"request": {"method": method}, "response": {"status_code": status}},
        }
    )


def pino(query: str, method: str = "GET", status: int = 200) -> str:
    request = {"id": 1, "method": method, "url": f"/dlr?{query}", "headers": {"host": "x"}}
    answer = {"statusCode": status}
    return json.dumps({"level": 30, "time": EPOCH * 1000, "req": request, "res": answer})


def container(query: str, method: str = "GET", status: int = 200) -> str:
    line = (
        f'192.0.2.1 - - [01/Oct/2026:12:00:06 +0000] "{method} /dlr?{query} HTTP/1.1" {status} 0\n'
    )
    return json.dumps({"log": line, "stream": "stdout", "time": "2026-10-01T12:00:09.1Z"})


def wrapped_caddy(query: str, method: str = "GET", status: int = 200) -> str:
    return json.dumps({"log": caddy(query, method, status) + "\n", "stream": "stderr"})


def prefixed_caddy(query: str, method: str = "GET", status: int = 200) -> str:
    return f"caddy-1  | {caddy(query, method, status)}"


def balancer(query: str, method: str = "GET", status: int = 200) -> str:
    return (
        "https 2026-10-01T12:00:06.186641Z app/lb/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80"
        f" 0.086 0.048 0.037 {status} {status} 0 57"
        f' "{method} https://dlr.example.com:443/dlr?{query} HTTP/1.1" "Nexmo/1.0" ECDHE TLSv1.2'
        ' arn:aws:x "Root=1-58337262-36d228ad5d99923122bbe354" "dlr.example.com" "-" 0'
        ' 2026-10-01T12:00:05.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'
    )


def blocked_by_balancer(query: str, method: str = "GET", status: int = 200) -> str:
    return balancer(query, method, status).replace(f" {status} {status} ", f" {status} - ")


def classic_balancer(query: str, method: str = "GET", status: int = 200) -> str:
    return balancer(query, method, status).removeprefix("https ").partition(" ECDHE")[0]


def haproxy(query: str, method: str = "GET", status: int = 200) -> str:
    return (
        "Oct  1 14:00:06 lb haproxy[14389]: 192.0.2.1:33317 [01/Oct/2026:12:00:06.655] in s/a"
        f' 10/0/30/69/109 {status} 2750 - - ---- 1/1/1/1/0 0/0 "{method} /dlr?{query} HTTP/1.1"'
    )


def werkzeug(query: str, method: str = "GET", status: int = 200) -> str:
    return f'192.0.2.1 - - [01/Oct/2026 12:00:06] "{method} /dlr?{query} HTTP/1.1" {status} -'


def python_logging(query: str, method: str = "GET", status: int = 200) -> str:
    return f"2026-10-01 12:00:06,123 INFO dlr.web: {method} /dlr?{query} {status}"


def rails(query: str, method: str = "GET", status: int = 200) -> str:
    return (
        f'I, [#1]  INFO -- : Started {method} "/dlr?{query}" for 192.0.2.1 at'
        f" 2026-10-01 14:00:06 +0200, status={status}"
    )


def logfmt(query: str, method: str = "GET", status: int = 200) -> str:
    return (
        f'time=2026-10-01T12:00:06Z level=info method={method} path="/dlr?{query}" status={status}'
    )


def nginx_error(query: str, method: str = "GET", status: int = 200) -> str:
    return (
        "2026/10/01 12:00:06 [error] 7#7: *1 connect() failed while connecting to upstream,"
        f' client: 192.0.2.1, request: "{method} /dlr?{query} HTTP/1.1", upstream:'
        f' "http://127.0.0.1:8080/dlr?{query}", host: "dlr.example.com", status: {status}'
    )


def w3c(query: str, method: str = "GET", status: int = 200) -> str:
    return (
        f"2026-10-01 12:00:06 10.0.0.1 {method} /dlr {query} 443 - 192.0.2.1 Nexmo {status} 0 0 46"
    )


def quoted(query: str, method: str = "GET", status: int = 200) -> str:
    return f"2026-10-01T12:00:06Z received ({method} '/dlr?{query}'), status: {status}."


JSON = [caddy, nginx, nginx_fields, traefik, ecs, pino, container, wrapped_caddy]
TEXT = [
    *(prefixed_caddy, balancer, blocked_by_balancer, classic_balancer, haproxy, werkzeug),
    *(python_logging, rails, logfmt, nginx_error, quoted),
]
SHAPES = pytest.mark.parametrize("write", [*JSON, *TEXT])


@pytest.mark.parametrize("write", [*JSON, *TEXT, w3c])
def test_a_receipt_is_read_whole_with_the_time_of_its_line(write: Write) -> None:
    (found,) = read(write(QUERY) + "\n")
    assert isinstance(found, Receipt)
    (of_access_log,) = read(access(QUERY))
    assert isinstance(of_access_log, Receipt)
    assert found.received_at.replace(microsecond=0) == LOGGED
    assert found.raw == of_access_log.raw
    assert found.problems == of_access_log.problems


@SHAPES
def test_denied_requests_and_bodies_that_are_not_logged_are_counted(write: Write) -> None:
    assert read(write(QUERY, status=403)) == [Skipped("denied requests")]
    post = [Skipped("POST requests, whose bodies are not logged")]
    assert read(write("", method="POST")) == post
    assert read(write(QUERY, method="POST")) == post


@SHAPES
def test_other_requests_of_a_log_are_skipped_and_inbound_messages_named(write: Write) -> None:
    assert read(write("page=2")) == [Skipped("other requests")]
    inbound = f"msisdn={NUMBER}&messageId=0B&type=text&text=STOP"
    (found,) = read(write(inbound))
    assert isinstance(found, QuarantineEntry)
    assert found.reason == "an inbound message"


@SHAPES
def test_a_time_ahead_of_the_clock_refuses_the_line(write: Write) -> None:
    later = write(QUERY).replace(str(EPOCH), str(EPOCH + 10**8)).replace("2026", "2031")
    (found,) = read(later)
    assert isinstance(found, Refused)
    assert "more than a day ahead of the clock" in found.reason


@pytest.mark.parametrize("mode", ["mask", "hash"])
@SHAPES
def test_numbers_are_protected_as_configured(write: Write, mode: str) -> None:
    (found,) = read(write(QUERY), Privacy(mode, b"key"))
    assert isinstance(found, Receipt)
    assert NUMBER not in repr(found)


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@given(write=st.sampled_from([*JSON, *TEXT, w3c]), value=VALUES)
def test_an_encoded_value_comes_back_from_any_shape(write: Write, value: str) -> None:
    query = f"client-ref={quote(value, safe='')}&{QUERY}"
    (found,) = read(write(query))
    assert isinstance(found, Receipt)
    assert json.loads(found.raw)["client-ref"] == value


@pytest.mark.parametrize("write", TEXT)
def test_what_a_log_begins_with_does_not_matter(write: Write) -> None:
    lines = ["Starting up, please wait", "", "2026-10-01 12:00:00 ready", write(QUERY), "bye"]
    found = read("\n".join(lines) + "\n")
    assert [type(item) for item in found] == [Skipped, Skipped, Receipt, Skipped]


@pytest.mark.parametrize("write", JSON)
def test_records_of_a_json_log_without_a_request_are_skipped(write: Write) -> None:
    banner = json.dumps({"level": "info", "ts": EPOCH, "msg": "serving initial configuration"})
    found = read(f"{banner}\n{write(QUERY)}\n{banner}\n")
    assert sorted(type(item).__name__ for item in found) == ["Receipt", "Skipped", "Skipped"]


@pytest.mark.parametrize("write", [balancer, werkzeug, logfmt, haproxy, rails])
@pytest.mark.parametrize("mark", ["err-code", "&status=deliv", "msisdn"])
def test_a_line_that_was_cut_off_in_its_url_is_no_receipt(write: Write, mark: str) -> None:
    line = write(QUERY).partition(mark)[0]
    assert [type(item) for item in read(f"{write(QUERY)}\n{line}")][1:] != [Receipt]


def test_a_url_without_a_status_is_no_receipt() -> None:
    lines = [python_logging(QUERY), "2026-10-01 12:00:06 INFO GET /messages?messageId=0A00"]
    assert read("\n".join(lines))[1:] == [Skipped("other requests")]


def test_lines_of_another_program_in_an_access_log_are_skipped() -> None:
    found = read(f"{access(QUERY)}\n[2026-10-01 12:00:07 +0000] [1] [INFO] Handling signal: term\n")
    assert found[1:] == [Skipped("lines without a request")]


def test_a_log_time_that_cannot_be_read_refuses_the_line() -> None:
    record = json.loads(caddy(QUERY)) | {"ts": "yesterday"}
    reason = "the log's time 'yesterday' is not a time"
    assert read(json.dumps(record)) == [Refused(1, reason)]


def test_a_log_without_times_is_dated_by_its_receipts() -> None:
    (found,) = read(f'INFO:     192.0.2.1:50000 - "GET /dlr?{QUERY} HTTP/1.1" 200 OK')
    assert isinstance(found, Receipt)
    assert found.received_at == dt.datetime(2026, 10, 1, 12, 0, 5)


BODY = json.dumps({"messageId": "0A00", "status": "delivered"})


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (re.sub(r'"uri": "[^"]*"', '"gone": "x"', caddy(QUERY)), "without their URLs"),
        ("192.0.2.1 [2026-10-01T12:00:06+00:00] GET 200 512 0.003 200 0.002", "without their URLs"),
        (f"2026-10-01 12:00:06 INFO receipt: {BODY}", "JSON behind other text"),
        (json.dumps({"time": "2026-10-01T12:00:06Z", "body": json.loads(BODY)}), "inside another"),
        (json.dumps({"level": "info", "body": BODY}), "inside another"),
        (json.dumps({"ts": EPOCH, "msg": f"receipt {BODY}"}), "JSON behind other text"),
        (
            "2026-10-01 12:00:06 INFO messageId=0A00 status=delivered",
            "neither in a URL",
        ),
        ("2026-10-01 12:00:06 INFO {'messageId': '0A00'}", "neither in a URL"),
        ("Oct  1 12:00:06 host app[1]: started", "without the URL of a request"),
        (json.dumps({"ts": EPOCH, "level": "info", "msg": "x"}), "without the URL of a request"),
        (f"{NUMBER} words", "no column with the message ID"),
    ],
)
def test_a_log_without_urls_gives_one_hint_that_quotes_no_number(line: str, what: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        read(f"{line}\n" * 50)
    assert what in str(caught.value)
    assert "; " in str(caught.value)
    assert NUMBER not in str(caught.value)


def test_a_hint_is_not_given_where_there_are_receipts() -> None:
    nested = json.dumps({"time": "2026-10-01T12:00:06Z", "body": json.loads(BODY)})
    found = read(f"{nested}\n{BODY}\n{nested}\n")
    reason = "no message ID: it is inside another record"
    assert [item for item in found if isinstance(item, Refused)] == [
        Refused(1, reason),
        Refused(3, reason),
    ]


@pytest.mark.parametrize(
    "line",
    ["/" * 10**6, "?messageId=" * 10**5, '"' * 10**6, "GET /?" + "a=b&" * 250_000, "{" * 10**6],
)
def test_a_hostile_line_is_read_in_no_time(line: str) -> None:
    lines = f"{python_logging(QUERY)}\n{line}\n"
    assert len(read(lines)) == 2
