"""The four steps until receipts come in, each done, next, waiting, or an advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from typing import Final, Literal, NamedTuple

from dlr_analytics.receiver.status.cards import clock
from dlr_analytics.receiver.status.collector import Overview
from dlr_analytics.webhook.judge import WEBHOOK_PATH

State = Literal["done", "next", "waiting", "advice"]

_MARKS: Final[dict[State, str]] = {"done": "✓", "next": "→", "waiting": "·", "advice": "!"}

TEST_NUMBER: Final = "447700900000"
"""To whom ``dlr simulate --messages 1 --seed 1`` sends; reserved for fiction."""


class Step(NamedTuple):
    """A step: its name, how far it is, and what to know or do, as HTML."""

    name: str
    state: State
    text: str


def steps(overview: Overview, *, folded: bool) -> str:
    """All four as a list; ``folded`` to one line that opens."""
    found = [_listens(overview), _reached(overview), _arrived(overview), _signed(overview)]
    listed = f'<ol class="steps">{"".join(map(_item, found))}</ol>'
    if not folded:
        return listed
    return f'<details><summary id="steps">{_summary(found)}</summary>{listed}</details>'


def _summary(found: Sequence[Step]) -> str:
    done = sum(step.state == "done" for step in found)
    advice = sum(step.state == "advice" for step in found)
    more = f", {advice} advice" if advice else ""
    return f"Set up: {done} of {len(found)} steps done{more}"


def _item(step: Step) -> str:
    return (
        f'<li class="{step.state}">'
        f'<span class="mark" aria-hidden="true">{_MARKS[step.state]}</span>'
        f'<div><b>{step.name}</b> <span class="vh">({step.state})</span>{step.text}</div></li>'
    )


def _url(overview: Overview) -> str:
    """Where receipts are taken. The token is a secret: a variable stands for it."""
    token = "" if overview.settings.url_token is None else "/$DLR_URL_TOKEN"
    return f"{overview.address}{WEBHOOK_PATH}{token}"


def _listens(overview: Overview) -> Step:
    return Step(
        "The receiver listens",
        "done",
        f"<p><code>{escape(_url(overview))}</code> takes GET, POST form and POST JSON. Stored under"
        f" <code>{escape(str(overview.settings.data))}/</code>,"
        f" {overview.stored.free / 1e9:,.0f} GB free.</p>",
    )


def _reached(overview: Overview) -> Step:
    name, seen = "Vonage can reach it", overview.seen
    if seen.checked_at is not None:
        at = clock(dt.datetime.fromtimestamp(seen.checked_at, dt.UTC))
        return Step(name, "done", f"<p>The URL was checked at {at} and answered 200.</p>")
    if seen.newest_receipt is not None:
        return Step(name, "done", "<p>Receipts come in.</p>")
    path = _url(overview).removeprefix(overview.address)
    entered = (
        "<p>In the Vonage dashboard, API settings, enter your public address followed by"
        f" <code>{escape(path)}</code> as the delivery receipt URL and save. Vonage then calls it"
        " once; this line is ticked.</p>"
    )
    # A simulated call is not signed, and would be refused.
    signed = overview.settings.signature_secret
    return Step(name, "next", entered if signed else entered + _trial(overview))


def _trial(overview: Overview) -> str:
    return (
        "<p>No public address yet? Try the path from this machine first:</p>"
        f"<pre>dlr simulate --messages 1 --seed 1 --url {escape(_url(overview))}</pre>"
        f"<p>The test receipt stays in the data, under {TEST_NUMBER}, a number that belongs to"
        " nobody.</p>"
    )


def _arrived(overview: Overview) -> Step:
    name, seen = "A receipt has arrived", overview.seen
    if seen.first_receipt is None:
        state: State = "next" if seen.checked_at is not None else "waiting"
        return Step(
            name, state, "<p>Send yourself one SMS; its receipt shows below within seconds.</p>"
        )
    at = clock(dt.datetime.fromtimestamp(seen.first_receipt, dt.UTC))
    return Step(name, "done", f"<p>First at {at}, {seen.receipts.total():,} since the start.</p>")


def _signed(overview: Overview) -> Step:
    name = "Receipts are signed"
    if overview.settings.signature_secret:
        return Step(name, "done", "<p>Checked: a call that is not signed rightly is refused.</p>")
    return Step(
        name,
        "advice",
        "<p>Not checked: anyone who knows the URL can post. Set <code>DLR_SIGNATURE_SECRET</code>"
        " and restart.</p>",
    )
