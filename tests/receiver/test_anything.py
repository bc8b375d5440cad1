"""Whatever is sent to a receiver that runs: never a 5xx, never silence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.support.receivers import PATH, Running

ONCE = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without shrinking: where it hangs, each attempt takes as long as the socket's patience."""

TOKEN = st.text("!#$%&'*+-.^_`|~ABCdef019", min_size=1, max_size=12).map(str.encode)
VISIBLE = st.binary(max_size=60).map(lambda data: re.sub(rb"[\0-\x20\x7f]", b"", data))
METHODS = st.sampled_from([b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"TRACE"]) | TOKEN
TARGETS = st.one_of(
    st.tuples(st.just(PATH.encode() + b"?"), VISIBLE).map(b"".join),
    st.sampled_from([PATH.encode(), b"/healthz", b"/readyz", b"*", b"http://[/" + PATH.encode()]),
    VISIBLE,
)
KNOWN = st.sampled_from(
    [
        *(b"Content-Type: application/json", b"Content-Type: text/plain; charset=utf-7"),
        *(b"Content-Type: multipart/form-data", b"Content-Encoding: gzip"),
        *(b"Transfer-Encoding: chunked", b"Content-Length: -1", b"Expect: 100-continue"),
        *(b"Upgrade: h2c", b"Authorization: Bearer a.b.c", b"X-Forwarded-For: ,,:"),
    ]
)
HEADERS = st.lists(KNOWN | st.tuples(TOKEN, VISIBLE).map(b": ".join), max_size=6)
BODIES = st.binary(max_size=300) | st.sampled_from(
    [b"messageId=1", b'{"messageId": "1"}', b'{"messageId":', b"{" * 9999, b"0\r\n\r\n", b"\xff="]
)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("anything") / "data")
    yield running
    assert running.ask(path="/readyz").code == 200
    assert running.stop() == (0, "")


def sent(receiver: Running, data: bytes) -> list[int]:
    """The codes of all answers to ``data``; one that hangs is a TimeoutError."""
    with receiver.connect() as connection:
        try:
            connection.sendall(data)
            came = b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionError:
            came = b""
    return [int(code) for code in re.findall(rb"^HTTP/1\.1 (\d{3}) ", came, re.MULTILINE)]


def request(method: bytes, target: bytes, headers: list[bytes], body: bytes) -> bytes:
    length = b"Content-Length: %d" % len(body)
    lines = [b"%s %s HTTP/1.1" % (method, target), *headers, length, b"Connection: close"]
    return b"\r\n".join([*lines, b"", body])


@settings(max_examples=1000, phases=ONCE)
@example(b"POST", PATH.encode(), [b"Transfer-Encoding: chunked"], b"ffffffff\r\n")
@example(b"GET", PATH.encode() + b"?" + b"a&" * 32_000, [], b"")
@given(METHODS, TARGETS, HEADERS, BODIES)
def test_any_request_is_answered_and_never_by_5xx(
    receiver: Running, method: bytes, target: bytes, headers: list[bytes], body: bytes
) -> None:
    codes = sent(receiver, request(method, target, headers, body))
    assert [code for code in codes if code >= 500] == []
    if not headers and target and method.isalpha():
        assert len(codes) == 1


@settings(max_examples=200, phases=ONCE)
@example(b"GET / HTTP/1.1\r\n\r\n" * 50)
@example(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
@given(st.binary(max_size=400))
def test_any_bytes_leave_the_receiver_well(receiver: Running, data: bytes) -> None:
    codes = sent(receiver, data + b"\r\n\r\n")
    assert [code for code in codes if code >= 500] == []
    assert receiver.ask(path="/healthz").code == 200
