"""From receipts and send records to ``messages``: the statements in their order.

::

    receipts ─▶ heard ─┬─▶ collapsed ──────────────────┐
                       ├─▶ scts_votes ─▶ scts_offsets ─┤
                       └─▶ shown ──────────────────────┼─▶ measured ─▶ lasted ─▶ foresight
    sends ─────▶ sent ─────┐                           │      │                      │
    networks ──────────────┼─▶ told ───────────────────┘      └──────────────────────┴─▶ outcomes
    client_ref_times ──────┘

``messages`` has the contract's columns of ``outcomes``, which tell besides what is wrong with each
message; ``sms`` and ``sms_outcomes`` have rows for SMS in place of their parts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Final

from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages.client_ref import send_times
from dlr_analytics.vocabulary import MATURE_HOURS

_FIRST: Final = dt.datetime(1, 1, 2 + MATURE_HOURS // 24)
"""The earliest moment that there is a time so many hours before."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What messages are told by, besides the data.

    ``as_of`` is naive UTC; ``given`` says whether it was asked for: then sends after it that have
    no receipt by then are left out. ``currency`` is what a price is in where the data does not
    say. ``client_ref_time`` is the pattern of a send time in ``client_ref``, if any.
    """

    as_of: dt.datetime
    given: bool = False
    currency: str = "EUR"
    client_ref_time: re.Pattern[str] | None = None

    @property
    def mature_before(self) -> dt.datetime:
        """Messages sent before this are mature."""
        return max(self.as_of, _FIRST) - dt.timedelta(hours=MATURE_HOURS)


def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``, like ``pipeline/messages``."""
    folder = resources.files("dlr_analytics.analysis") / "sql"
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def over(name: str, **sources: str) -> str:
    """The statement ``name``, that reads what ``sources`` select in place of these relations.

    Examples
    --------
    >>> "from (select 1) as recent_facts" in over("pipeline/pending", recent_facts="select 1")
    True
    """
    text = statement(name)
    for relation, source in sources.items():
        reads = re.compile(rf"\b(from|join) {relation}\b")
        assert len(reads.findall(text)) == 1, f"{name}.sql does not read {relation} once"
        before, read, after = reads.split(text)
        text = f"{before}{read} ({source}) as {relation}{after}"
    return text


def create(engine: Engine, terms: Terms, measure: Callable[[Terms], object]) -> None:
    """Make ``outcomes``, ``messages``, ``sms``, ``sms_outcomes`` and what they rest on.

    Parameters
    ----------
    engine : Engine
        Has ``receipts``, ``sends``, ``networks``, ``mccs`` and the vocabulary's relations.
    terms : Terms
        The moment and what else messages are told by.
    measure : callable
        Makes ``settled``, ``recent`` and ``lasted`` of the receipts and sends.

    Notes
    -----
    ``measured`` has a row for each message, and is what can be kept: those of ``settled``, whose
    days lie so far back that nothing of them is pending, and of ``recent``, which are all others.
    ``lasted`` is the curve of the mature ones.

    ``outcomes`` and ``sms_outcomes`` have the columns of ``messages`` and what is wrong with a
    message or missing (:mod:`dlr_analytics.flaws`), as names with spaces between: ``flaws``, each
    once, and ``shown``, once for each receipt that shows it by itself.

    ``foresight`` has a row for each pending message that can be foreseen: ``message_id``,
    ``expected`` (the contract's share g), ``still`` (k, how many mature messages it rests on) and
    ``se`` = sqrt(g (1 - g) / k).
    """
    ask(engine, terms)
    measure(terms)
    engine.view("message_facts", "select * from settled_facts union all select * from recent_facts")
    engine.keep("pending", statement("pipeline/pending"))
    # Where nothing is pending, none of the others needs to be read.
    nothing = not engine.rows("select 1 from pending limit 1")
    measured = "select * from recent_facts limit 0" if nothing else "select * from message_facts"
    engine.keep("nowcast", over("pipeline/nowcast", message_facts=measured))
    engine.view("message_outcomes", statement("pipeline/message_outcomes"))
    for name in ("messages", "sms", "sms_outcomes"):
        engine.view(name, statement(f"pipeline/{name}"))
    for name in ("latency_push", "latency_carrier"):  # so that latency.sql runs as it stands
        engine.view(name, statement(f"metrics/{name}"))


def dated(collapsed: str) -> str:
    """The statement of ``dated``, which ``offsets/scts_votes.sql`` reads, for these messages."""
    return f"select message_key, cast(first_arrival_at as date) as first_seen from {collapsed}"


def ask(engine: Engine, terms: Terms) -> None:
    """The one-row relation ``asked``: what depends on the moment, and on the asker."""
    engine.offer(
        "parameters",
        {
            "as_of": "TIMESTAMP",
            "mature_before": "TIMESTAMP",
            "sends_until": "TIMESTAMP",
            "currency": "VARCHAR",
        },
        [
            (
                terms.as_of,
                terms.mature_before,
                terms.as_of if terms.given else None,
                terms.currency,
            )
        ],
    )


def read_client_refs(engine: Engine, pattern: re.Pattern[str] | None, *relations: str) -> None:
    """Make ``client_ref_times``: the send time in each ``client_ref`` of these that holds one."""
    found = " union ".join(f"select client_ref from {name}" for name in relations)
    refs = [] if pattern is None else [ref for (ref,) in engine.rows(found) if ref is not None]
    times = [] if pattern is None else send_times(pattern, refs)
    engine.offer("client_ref_times", {"client_ref": "VARCHAR", "sent_at": "TIMESTAMP"}, times)
