r"""The request in a line of text, wherever in the line its URL is.

Load balancers, proxies and applications each have their own order of fields. What they share is
a word with a ``?`` or a query alone, so a receipt is found by the name of its message ID: its URL
reaches from there to the white space or the quote around it. The time, the method and the status
of the answer are looked for outside the URL, which has a time of its own.

A line that was cut off is not to become a receipt with half its fields: a quote around
the URL that does not end is an error, and a query without a status is no receipt.
"""

from __future__ import annotations

import re
from typing import Final

from dlr_analytics.importers.logs.requests import MESSAGE_ID, LoggedRequest
from dlr_analytics.importers.logs.times import find_time
from dlr_analytics.webhook.encoding import to_bytes

_ESCAPED: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|([\"\\]))")

_KEY: Final = re.compile(r"[?&\s\"'=]message(?:[-_]?id|_uuid)=", re.IGNORECASE)
_START: Final = re.compile(r"[\s\"]")
_REST: Final = re.compile(r'(?:[^\s"\\]|\\.)*')
_CLOSING: Final = {"'": "'", "(": ")", "<": ">", "`": "`", "[": "]", "{": "}"}
_TRAILING: Final = ".,;:)]}>'`"

METHODS: Final = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")

_METHOD: Final = re.compile(rf"\b({'|'.join(METHODS)})\b")
_REQUEST: Final = re.compile(
    rf"{_METHOD.pattern}(?:[\"' ]{{1,3}}|[\"', ]{{1,2}}\w{{1,20}}[=:][\"' ]{{0,2}})(?:https?://|/)"
)

# `... HTTP/1.1" 200`, `... 200 12 ms`, `status=200`; before the URL, the answers of a load balancer
# and of its target (`200 200 0 57 "GET`) or the word before the method (`200 GET`).
_STATUS_AFTER: Final = re.compile(r"(?: HTTP/[\d.]+)?[\"']?[ :,|]{1,3}(\d{3})\b(?!\.)")
_STATUS_NAMED: Final = re.compile(r"\b(?:status|status_code|code)[\"']?[=:] ?[\"']?(\d{3})\b")
_STATUS_BEFORE: Final = re.compile(
    r"(?:^| )(\d{3}|-) (\d{3}|-) -?\d+ -?\d+ [\"'][A-Z]+ $"
    r"|(?:^|\s)(\d{3})()[ |]{1,3}[A-Z]+[ |]{1,3}$"
    r"|(?:[-+]?\d+/){3,4}[-+]?\d+ (\d{3})() "
)

_IS_WHOLE: Final = re.compile(r"(?:^|&)(?:status=[^&]|type=(?:text|unicode|binary)(?:&|$))")
_BEFORE: Final = 512
"""Characters around a URL in which its method and status are looked for."""


def find_request(line: str) -> LoggedRequest | None:
    r"""Find the request in a line of a log; None if it has none.

    Raises
    ------
    ValueError
        If the line is cut off in the URL of a receipt.

    Examples
    --------
    >>> find_request('2026-11-24 08:00:00 INFO GET "/dlr?messageId=0A&status=failed" for ::1')
    LoggedRequest(time=datetime.datetime(2026, 11, 24, 8, 0), method='GET',
                  query=b'messageId=0A&status=failed', status=None)
    >>> find_request("2026-11-24 08:00:00 INFO ready") is None
    True
    """
    key = _KEY.search(line)
    if key is not None:
        found = _receipt(line, key)
        if found is not None:
            return found
    request = _REQUEST.search(line)
    return request and LoggedRequest(find_time(line[: request.start()]), request[1], b"", None)


def unescape(query: str) -> bytes:
    r"""Undo the escapes of quotes and control characters in a log."""
    raw = to_bytes(query)
    return _ESCAPED.sub(lambda m: m[2] or bytes([int(m[1], 16)]), raw) if b"\\" in raw else raw


def _receipt(line: str, key: re.Match[str]) -> LoggedRequest | None:
    """The request whose query has the message ID; None if it is not a receipt's."""
    start = max((line.rfind(mark, 0, key.start() + 1) for mark in ' \t"'), default=-1) + 1
    match = _REST.match(line, start)
    assert match is not None
    if line.count('"', 0, start) % 2 and '"' not in line[match.end() :]:
        raise ValueError("cut off in its URL")
    place, mark, query = match[0].partition("?")
    if not mark:
        place, query = _bare(match[0])
    query = query[: _end(place, query)]
    if not MESSAGE_ID.search(query) or not _IS_WHOLE.search(query):
        return None
    before, after = line[:start], line[start + len(place + mark + query) :]
    methods = _METHOD.findall(before[-_BEFORE:] + place) if mark else []
    time = find_time(before) or find_time(after)
    return LoggedRequest(time, (methods or ["GET"])[-1], unescape(query), _status(before, after))


def _bare(text: str) -> tuple[str, str]:
    """A query that is a field of its own, and what is before it: ``args=a=1&b=2``."""
    query = text.lstrip("".join(_CLOSING))
    first, more, _ = query.partition("&")
    if more and first.count("=") > 1:
        query = query.partition("=")[2]
    return text[: len(text) - len(query)], query if more else ""


def _end(place: str, query: str) -> int:
    """Where a query ends: at the bracket that closes one before it, or at punctuation."""
    open_ones = [c for c in place if c in _CLOSING and _CLOSING[c] not in place.partition(c)[2]]
    ends = [query.find(mark) for mark in ("#", *(_CLOSING[c] for c in open_ones))]
    cut = query[: min((end for end in ends if end >= 0), default=len(query))]
    return len(cut.rstrip(_TRAILING))


def _status(before: str, after: str) -> int | None:
    """The status of the answer; of two, the one that denies."""
    before, after = before[-_BEFORE:], after[:_BEFORE]
    match = (
        _STATUS_AFTER.match(after)
        or _STATUS_NAMED.search(f"{before} {after}")
        or _STATUS_BEFORE.search(before)
    )
    codes = [int(code) for code in match.groups() if code and code.isdigit()] if match else []
    return next((code for code in codes if code in (401, 403)), codes[0] if codes else None)
