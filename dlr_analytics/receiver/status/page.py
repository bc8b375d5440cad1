"""The status page: the state of the receiver and what to do about it.

It works without script, where it reloads each five seconds. It shows no phone number, and of what
clients have sent only the known fields of receipts, escaped by the template. No other
module of the receiver loads Jinja2: the admin listener imports this one when the page is requested.
"""

from __future__ import annotations

import base64
import datetime as dt
import errno
import hashlib
import os
from importlib import resources
from typing import Final

from jinja2 import Environment, StrictUndefined

from dlr_analytics import __version__
from dlr_analytics.receiver.stats import RATE_SECONDS
from dlr_analytics.receiver.status.cards import cards, chart, format_duration
from dlr_analytics.receiver.status.collector import ReceiverStatus
from dlr_analytics.receiver.status.steps import (
    MARKS,
    TEST_NUMBER,
    receiver_checks,
    steps,
    webhook_path,
)


def _resource(file: str) -> str:
    return resources.files(__package__).joinpath(file).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _time_of_day(unix_time: float) -> str:
    return f"{dt.datetime.fromtimestamp(unix_time, dt.UTC):%H:%M:%S}"


_STYLE: Final = _resource("status.css")
_SCRIPT: Final = _resource("status.js")

POLICY: Final = (
    "default-src 'none'; img-src data:;"
    f" style-src 'sha256-{_hash(_STYLE)}'; script-src 'sha256-{_hash(_SCRIPT)}';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy: a browser runs our script only, whatever clients have sent."""

_ENVIRONMENT: Final = Environment(
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters.update(duration=format_duration, time_of_day=_time_of_day)
_TEMPLATE: Final = _ENVIRONMENT.from_string(_resource("status.html"))


def page(status: ReceiverStatus) -> bytes:
    """Render the whole page as UTF-8."""
    state, is_bad = state_of(status)
    checks = receiver_checks(status)
    return _TEMPLATE.render(
        state=state,
        is_bad=is_bad,
        status=status,
        stats=status.stats,
        checks=checks,
        steps=steps(checks, signed=bool(status.settings.signature_secret)),
        marks=MARKS,
        webhook_path=webhook_path(status),
        test_number=TEST_NUMBER,
        cards=cards(status),
        chart=chart(status),
        version=__version__,
        style=_STYLE,
        script=_SCRIPT,
    ).encode()


def state_of(status: ReceiverStatus) -> tuple[str, bool]:
    """The state in one line, and whether it is a bad one."""
    stats = status.stats
    if stats.storage_error:
        full = os.strerror(errno.ENOSPC) in stats.storage_error
        return f"Not storing: {'disk full' if full else stats.storage_error}", True
    if stats.newest_receipt_at is None:
        return "Waiting for the first receipt", False
    since = status.time - RATE_SECONDS
    recent = sum(n for second, n in stats.receipts_by_second.items() if second >= since)
    if recent >= RATE_SECONDS:
        return f"Receiving: {recent / RATE_SECONDS:,.0f} receipts a second", False
    if recent:
        return f"Receiving: {recent} in the last {RATE_SECONDS} s", False
    ago = format_duration(status.time - stats.newest_receipt_at)
    return f"Receiving: the last receipt came {ago} ago", False
