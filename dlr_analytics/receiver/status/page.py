"""The status page: what state the receiver is in, and what is to be done about it.

It works without script, where it is loaded again each five seconds, and shows no number and
nothing of what strangers have written but what a receipt's known fields say.
"""

from __future__ import annotations

import base64
import datetime as dt
import errno
import hashlib
import os
from html import escape
from importlib import resources
from typing import Final

from dlr_analytics import __version__
from dlr_analytics.receiver.stats import RATE_SECONDS, Row
from dlr_analytics.receiver.status.cards import cards, clock, minutes, span
from dlr_analytics.receiver.status.collector import Overview
from dlr_analytics.receiver.status.steps import steps


def _ours(file: str) -> str:
    return resources.files(__package__).joinpath(file).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_STYLE: Final = _ours("status.css")
_SCRIPT: Final = _ours("status.js")

POLICY: Final = (
    "default-src 'none'; img-src data:;"
    f" style-src 'sha256-{_hash(_STYLE)}'; script-src 'sha256-{_hash(_SCRIPT)}';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Whatever came in from strangers, a browser runs nothing but our script."""

_HEADS: Final = ("Time", "Transport", "Answer", "Outcome", "Status", "Network", "Message", "Remark")


def page(overview: Overview) -> bytes:
    """The whole page, UTF-8."""
    state, is_bad = state_of(overview)
    looks = ' class="bad"' if is_bad else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        '<noscript><meta http-equiv="refresh" content="5"></noscript>'
        f"<title>{escape(state)} · dlr</title><style>{_STYLE}</style></head><body>"
        f'<header><p class="kicker" id="kicker">{escape(_kicker(overview))}</p>'
        f'<h1 id="state" aria-live="polite"{looks}>{escape(state)}</h1></header>'
        f'<main id="now">{_now(overview)}</main>'
        f"<script>{_SCRIPT}</script></body></html>\n"
    ).encode()


def state_of(overview: Overview) -> tuple[str, bool]:
    """The state in one line, and whether it is a bad one."""
    seen = overview.seen
    if seen.trouble:
        full = os.strerror(errno.ENOSPC) in seen.trouble
        return f"Not storing: {'disk full' if full else seen.trouble}", True
    if seen.newest_receipt is None:
        return "Waiting for the first receipt", False
    since = overview.time - RATE_SECONDS
    recent = sum(n for second, n in seen.by_second.items() if second >= since)
    if recent >= RATE_SECONDS:
        return f"Receiving: {recent / RATE_SECONDS:,.0f} receipts a second", False
    if recent:
        return f"Receiving: {recent} in the last {RATE_SECONDS} s", False
    return (
        f"Receiving: the last receipt came {span(overview.time - seen.newest_receipt)} ago",
        False,
    )


def _kicker(overview: Overview) -> str:
    processes = "1 process" if overview.workers == 1 else f"{overview.workers} processes"
    replaced = f" ({overview.replaced} replaced)" if overview.replaced else ""
    up = span(overview.time - overview.seen.started_at)
    return f"dlr receiver · {processes}{replaced} · up {up} · version {__version__}"


def _now(overview: Overview) -> str:
    if overview.seen.newest_receipt is None:
        return steps(overview, folded=False) + _last_calls(overview)
    return (
        steps(overview, folded=True) + cards(overview) + minutes(overview) + _last_calls(overview)
    )


def _last_calls(overview: Overview) -> str:
    rows = "".join(map(_row, reversed(overview.seen.calls))) or (
        '<tr><td class="none" colspan="8"><span>No call yet. This table shows each call as it'
        " comes, also those that were refused.</span></td></tr>"
    )
    heads = "".join(
        f'<th scope="col"{" class=n" if name == "Answer" else ""}>{name}</th>' for name in _HEADS
    )
    return (
        '<section><h2>Last calls</h2><p class="desc">UTC · newest first · numbers and raw text are'
        ' not shown here</p><div class="scroll" id="calls" tabindex="0" role="region"'
        f' aria-label="Last calls"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _row(row: Row) -> str:
    time = dt.datetime.fromtimestamp(row.at, dt.UTC)
    bad = "" if row.code < 400 else " bad"
    return (
        f"<tr><td>{clock(time)}</td><td>{escape(row.transport)}</td>"
        f'<td class="n{bad}">{row.code}</td><td>{escape(row.outcome)}</td>'
        f"<td>{escape(row.status) or '–'}</td><td><code>{escape(row.network) or '–'}</code></td>"
        f"<td><code>{escape(row.message) or '–'}</code></td>"
        f'<td class="remark">{escape(row.remark)}</td></tr>'
    )
