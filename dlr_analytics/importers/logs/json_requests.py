"""The request in a JSON record of a log: Caddy, nginx, Traefik, applications.

Records differ in the names and in how deep they nest. The URL, the method, the status and the time
are looked for under the names that servers give them, at any depth, and never in headers: a Referer
has a URL too. Under other names a URL counts if its query has a message ID, a time if it is one.
Where a record wraps a line of text (containers, cloud logs), that line is read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from dlr_analytics.importers.fields import plain_name, quoted
from dlr_analytics.importers.logs.requests import MESSAGE_ID, LoggedRequest
from dlr_analytics.importers.logs.text_lines import METHODS, find_request
from dlr_analytics.importers.logs.times import find_time, read_log_time
from dlr_analytics.webhook.encoding import to_bytes
from dlr_analytics.webhook.parameters import Malformed, Parameters, last, parse_json, text_of

_URLS: Final = (
    *("requesturi", "uri", "url", "urloriginal", "urlfull", "originalurl", "requesturl"),
    *("rawurl", "requestline", "request", "requestpath", "target", "path"),
)
_QUERIES: Final = (
    *("args", "query", "querystring", "rawquerystring", "rawquery", "urlquery", "requestquery"),
)
_METHODS: Final = ("method", "requestmethod", "httpmethod", "verb")
_STATUSES: Final = (
    *("status", "statuscode", "responsecode", "responsestatus", "httpstatus", "resstatus"),
    *("downstreamstatus", "originstatus", "elbstatuscode", "targetstatuscode"),
)
_TIMES: Final = (
    *("startutc", "starttime", "ts", "time", "timestamp", "timelocal", "timeiso8601", "msec"),
    *("datetime", "asctime", "eventtime", "requesttimeepoch", "realtimetimestamp", "date"),
)
_LINES: Final = ("msg", "message", "log", "line", "textpayload")
_LOGGERS: Final = frozenset(
    {"level", "levelname", "severity", "logger", "loglevel", "stream", "remoteaddr", "remoteip"}
)
_METHOD_ENDS: Final = ("method", "verb")
_STATUS_ENDS: Final = ("responsestatus", "statuscode", "httpstatus")
_TIME_ENDS: Final = ("timestamp", "datetime", "time", "timeepoch", "date", "startedat", "timesec")
_QUERY_ENDS: Final = ("query", "querystring", "querystr")
"""How other names of these end, as ``EdgeStartTimestamp``."""

_CODE: Final = re.compile("[1-5][0-9]{2}")
_BLANK: Final = re.compile(r"\s")
_NO_PLACE: Final = ("header", "refer", "tls", "useragent")
_DEPTH: Final = 6


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A text in a record: the last name of its path, and the last two as one."""

    name: str
    path: str
    text: str


def request_of(record: Parameters) -> LoggedRequest | None:
    """Find the request in a record of a log; None if it has none.

    Raises
    ------
    ValueError
        If its time is there and unreadable, or a line in it is cut off.

    Examples
    --------
    >>> request_of({"ts": "1795507200.25", "status": "200", "request": {
    ...     "method": "GET", "uri": "/dlr?messageId=0A", "headers": {"Referer": ["/?a=1"]}}})
    LoggedRequest(time=datetime.datetime(2026, 11, 24, 8, 0, 0, 250000), method='GET',
                  query=b'messageId=0A', status=200)
    """
    leaves = list(_leaves(record, "", _DEPTH))
    found = _url(leaves)
    if found is None:
        return _wrapped(leaves)
    method, query = found
    texts = (*_named(leaves, _METHODS), *_ending(leaves, _METHOD_ENDS))
    named = (text.upper() for text in texts)
    method = next((text for text in named if text in METHODS), method)
    if not method and not MESSAGE_ID.search(query):
        return _wrapped(leaves)
    texts = (*_named(leaves, _STATUSES), *_ending(leaves, _STATUS_ENDS))
    codes = [int(text) for text in texts if _CODE.fullmatch(text)]
    denied = [code for code in codes if code in (401, 403)]
    status = next(iter((*denied, *codes)), None)
    return LoggedRequest(_time(leaves), method or "GET", to_bytes(query), status)


def is_log_record(record: Parameters) -> bool:
    """Check whether a record has a time and names of a logger, as a log has."""
    names = {plain_name(name) for name in record}
    lines = any(name in names for name in _LINES)
    return any(name in names for name in _TIMES) and (lines or not names.isdisjoint(_LOGGERS))


def _leaves(record: Parameters, outer: str, depth: int) -> Iterator[_Leaf]:
    for spelling, value in record.items():
        name = plain_name(spelling)
        inner = last(value)
        if any(part in name for part in _NO_PLACE):
            continue
        if isinstance(inner, dict) and depth:
            yield from _leaves(inner, name, depth - 1)
        elif (text := text_of(inner)) is not None and text.strip():
            yield _Leaf(name, outer + name, text.strip())


def _named(leaves: Iterable[_Leaf], names: tuple[str, ...]) -> Iterator[str]:
    """The texts under some names, in the order of the names."""
    for name in names:
        yield from (leaf.text for leaf in leaves if name in (leaf.name, leaf.path))


def _ending(leaves: Iterable[_Leaf], ends: tuple[str, ...]) -> Iterator[str]:
    """The texts under names that end so, except those of a receipt."""
    return (
        leaf.text
        for leaf in leaves
        if leaf.name.endswith(ends) and not leaf.name.startswith("message")
    )


def _url(leaves: list[_Leaf]) -> tuple[str, str] | None:
    """The method and the query of a request; method is empty if not beside the URL."""
    found = [each for text in _named(leaves, _URLS) if (each := _target(text)) is not None]
    queries = [text.lstrip("?") for text in _named(leaves, _QUERIES) if "=" in text]
    known = found[0] if found else None
    if known:
        found += [(known[0], query) for query in queries]
    found += [each for leaf in leaves if (each := _target(leaf.text)) is not None]
    found += [("", text) for text in _ending(leaves, _QUERY_ENDS) if not _BLANK.search(text)]
    whole = (each for each in found if MESSAGE_ID.search(each[1]))
    return next(whole, known)


def _target(text: str) -> tuple[str, str] | None:
    """The method and the query of a URL or request line; None if it is neither."""
    method, _, rest = text.partition(" ")
    line = method.isalpha() and method.isupper()
    target = rest.strip().partition(" ")[0] if line else text
    if not target.startswith(("/", "http://", "https://")):
        return None
    return method if line else "", target.partition("?")[2].partition("#")[0]


def _time(leaves: list[_Leaf]) -> dt.datetime | None:
    """The time of a record; None if it has none."""
    texts = list(_named(leaves, _TIMES))
    others = _ending(leaves, _TIME_ENDS)
    found = (time for text in (*texts, *others) if (time := read_log_time(text)))
    time = next(found, None)
    if texts and time is None:
        raise ValueError(f"the log's time {quoted(texts[0])} is not a time")
    return time


def _wrapped(leaves: list[_Leaf]) -> LoggedRequest | None:
    """The request in a line of text, or of JSON, in a record."""
    for text in _named(leaves, _LINES):
        found = read_line(text)
        if found is not None:
            return found if found.time else replace(found, time=_time(leaves))
    return None


def read_line(text: str) -> LoggedRequest | None:
    """Find the request in a line of text or of text and JSON; None without one.

    Raises
    ------
    ValueError
        As :func:`request_of`.

    Examples
    --------
    >>> read_line('caddy-1 | {"request": {"uri": "/dlr?messageId=0A"}}').query
    b'messageId=0A'
    """
    begin = text.find("{")
    if begin >= 0 and text.endswith("}"):
        record = parse_json(text[begin:])
        if not isinstance(record, Malformed):
            found = request_of(record)
            if found is not None:
                return found if found.time else replace(found, time=find_time(text[:begin]))
    return find_request(text)
