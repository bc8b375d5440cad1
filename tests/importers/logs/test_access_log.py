"""Access logs, as nginx and Apache write them."""

from __future__ import annotations

import datetime as dt

import pytest

from dlr_analytics.importers.logs.access_log import parse_line
from dlr_analytics.importers.logs.requests import LoggedRequest

TIME = dt.datetime(2018, 10, 25, 12, 10, 2)
COMMON = '192.0.2.1 - - [25/Oct/2018:13:10:02 +0100] "GET /dlr?to=Acme HTTP/1.1" 200 612'


@pytest.mark.parametrize(
    "line",
    [
        COMMON,
        COMMON + ' "-" "Nexmo/MessagingHUB/v1.0"',
        "example.org:443 " + COMMON + ' "-" "-"',
        COMMON.replace("192.0.2.1 - - ", "2001:db8::1 - a user "),
        COMMON.replace(" HTTP/1.1", ""),
        COMMON.replace("25/Oct/2018:13:10:02 +0100", "2018-10-25T13:10:02+01:00"),
        COMMON.replace("[25/Oct", '"/?a" [1] [25/Oct'),
        COMMON + ' "-" "\\"GET /?b HTTP/1.1\\" 200"',
    ],
)
def test_formats(line: str) -> None:
    assert parse_line(line) == LoggedRequest(TIME, "GET", b"to=Acme", 200)


def test_escapes_are_undone() -> None:
    line = COMMON.replace("Acme", r"\x22\xC3\xA9\"\\x41")
    logged = parse_line(line)
    assert logged is not None
    assert logged.query == 'to="é"\\x41'.encode()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "message_id,sent_at",
        COMMON.replace("Oct", "Okt"),
        COMMON.replace("25/Oct", "31/Feb"),
        COMMON.replace("13:10", "25:10"),
        COMMON.replace('" 200', '" -'),
        '192.0.2.1 - - [25/Oct/2018:13:10:02 +0100] "-" 400 0',
        '192.0.2.1 - - [25/Oct/2018:13:10:02 +0100] "\\x16\\x03\\x01" 400 0',
        "[error] 25/Oct/2018:13:10:02",
    ],
)
def test_lines_without_a_request(line: str) -> None:
    assert parse_line(line) is None


def test_a_hostile_line_is_read_in_no_time() -> None:
    assert parse_line('[25/Oct/2018:13:10:02 +0100] "GET ' + '\\" "GET ' * 50_000) is None
