"""Hints for a file that no receipt can be read from, by the shape of its lines.

One such hint replaces a refusal for each line. It quotes nothing of the file, which may hold
numbers and tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.fields import MESSAGE_ID_NAMES, plain_name
from dlr_analytics.importers.logs.json_requests import is_log_record
from dlr_analytics.importers.logs.times import find_time
from dlr_analytics.webhook.parameters import Malformed, Parameters, last, parse_json, text_of


@dataclass(frozen=True, slots=True)
class Hint:
    """What a file is, and what to do; ``is_general`` if other lines may say more."""

    what: str
    remedy: str
    is_general: bool = False

    def error(self, name: str) -> UnusableFile:
        """The error for a file of that name."""
        return UnusableFile(f"{name}: {self.what}", self.remedy)


NO_URLS: Final = Hint(
    "a log of requests without their URLs, as the configurations in deploy/ write it",
    "the receiver has stored these receipts; else import a Reports API export",
    is_general=True,
)
NO_REQUESTS: Final = Hint(
    "a log without the URL of a request in it",
    "give a log with URLs, or the webhooks' bodies as JSON, one per line",
    is_general=True,
)
JSON_IN_TEXT: Final = Hint(
    "a log with JSON behind other text",
    "import the JSON alone: sed -n 's/^[^{]*{/{/p' FILE > bodies.json",
)
NO_QUERY: Final = Hint(
    "a log that names message IDs, but neither in a URL nor in JSON",
    "give the webhooks' bodies as JSON, one per line, or a CSV with a header",
)

_NO_URL: Final = re.compile(r"\] (?:GET|POST) \d{3} ")
_NAMED: Final = re.compile(r"\bmessage(?:[-_ ]?id|_uuid)\b", re.IGNORECASE)
_NO_YEAR: Final = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")
_LEVEL: Final = re.compile(r"\[?(?:DEBUG|INFO|WARN|ERROR|NOTICE|FATAL)")


def text_hint(line: str) -> Hint | None:
    """The hint for a line of text without a request; None if it is not of a log.

    Examples
    --------
    >>> text_hint('2026-11-24 08:00:00 INFO dlr {"messageId": "0A"}').what
    'a log with JSON behind other text'
    """
    if _NO_URL.search(line):
        return NO_URLS
    is_log = find_time(line) or _NO_YEAR.match(line) or _LEVEL.match(line)
    begin = line.find("{")
    if begin > 0 and not isinstance(record := parse_json(line[begin:].rstrip()), Malformed):
        if _has_message_id(record):
            return JSON_IN_TEXT
    elif is_log and _NAMED.search(line):
        return NO_QUERY
    return NO_REQUESTS if is_log else None


def record_hint(record: Parameters) -> Hint | None:
    """The hint for a JSON record without a message ID; None if it is not a log's.

    Examples
    --------
    >>> record_hint({"time": "2026-11-24", "body": {"messageId": "0A"}}).remedy
    "import the receipts alone: jq -c '.body' FILE > bodies.json"
    """
    for name, value in record.items():
        inner = last(value)
        if isinstance(inner, dict) and _has_message_id(inner):
            return _inside(name, "")
        text = text_of(inner) or ""
        if text.lstrip().startswith("{") and not isinstance(parsed := parse_json(text), Malformed):
            if _has_message_id(parsed):
                return _inside(name, " | fromjson")
        elif _NAMED.search(text) and is_log_record(record):
            return text_hint(f"INFO {text}")
    if not is_log_record(record):
        return None
    names = {plain_name(name) for name in record}
    return NO_REQUESTS if names.isdisjoint({"request", "status", "method"}) else NO_URLS


def _has_message_id(record: Parameters) -> bool:
    return any(plain_name(name) in MESSAGE_ID_NAMES for name in record)


def _inside(name: str, decoding: str) -> Hint:
    member = f".{name}" if re.fullmatch("[A-Za-z_]{1,40}", name) else '.["…"]'
    return Hint(
        "JSON with the receipts inside another record",
        f"import the receipts alone: jq -c '{member}{decoding}' FILE > bodies.json",
    )
