"""From receipts and send records to ``messages``: the statements in their order.

::

    receipts ─▶ heard ─▶ collapsed ─┐
                  └─▶ scts_votes ─▶ scts_offsets
    sends ─────────────▶ sent ──────┼─▶ measured ─▶ foresight ─┐
    networks, client_ref_times ─────┘       └──────────────────┴─▶ messages ─▶ sms
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

from dlr_analytics.analyse.client_ref import send_times
from dlr_analytics.analyse.engine import Engine
from dlr_analytics.vocabulary import MATURE_HOURS


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


def statement(name: str) -> str:
    """The text of ``queries/<name>.sql``."""
    folder = resources.files("dlr_analytics.analyse") / "queries"
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def create(
    engine: Engine, terms: Terms, together: Callable[[Engine], object] | None = None
) -> None:
    """Make the table ``messages``, with the contract's columns, ``sms``, ``flawed``, ``foresight``.

    Parameters
    ----------
    engine : Engine
        Has ``receipts``, ``sends``, ``networks``, ``mccs`` and the vocabulary's relations.
    terms : Terms
        The moment and what else messages are told by.
    together : callable, optional
        Makes ``collapsed`` and ``scts_votes``, once there is ``heard``; by default from all of it.

    Notes
    -----
    ``sms`` has the columns of ``messages``, and one row for all the parts of an SMS.

    ``flawed`` has a row for each flaw of each message (:mod:`dlr_analytics.flaws`).

    ``foresight`` has a row for each pending message that can be foreseen: ``message_id``,
    ``expected`` (the contract's share g), ``still`` (k, how many mature messages it rests on) and
    ``se`` = sqrt(g (1 - g) / k).
    """
    ask(engine, terms)
    engine.view("heard", statement("heard"))
    (together or put_all_together)(engine)
    engine.keep("scts_claims", statement("scts_claims"))
    engine.keep("scts_offsets", statement("scts_offsets"))
    engine.keep("sent", statement("sent"))
    _read_client_refs(engine, terms.client_ref_time)
    engine.keep("measured", statement("measured"))
    engine.drop("collapsed")
    engine.drop("sent")
    engine.keep("foresight", statement("foresight"))
    engine.keep("messages", statement("messages"))
    engine.view("sms", statement("sms"))
    engine.view("flawed", statement("flawed"))
    engine.drop("measured")


def put_all_together(engine: Engine) -> None:
    """Make ``collapsed`` and ``scts_votes`` of all that is heard."""
    engine.keep("collapsed", statement("collapse"))
    engine.keep("scts_votes", statement("scts_votes"))


def ask(engine: Engine, terms: Terms) -> None:
    """The one-row relation ``asked``: what depends on the moment, and on the asker."""
    engine.offer(
        "asked",
        {
            "as_of": "TIMESTAMP",
            "mature_before": "TIMESTAMP",
            "sends_until": "TIMESTAMP",
            "currency": "VARCHAR",
        },
        [
            (
                terms.as_of,
                terms.as_of - dt.timedelta(hours=MATURE_HOURS),
                terms.as_of if terms.given else None,
                terms.currency,
            )
        ],
    )


def _read_client_refs(engine: Engine, pattern: re.Pattern[str] | None) -> None:
    """The relation ``client_ref_times``: the send time in each ``client_ref`` that holds one."""
    found = "select client_ref from collapsed union select client_ref from sent"
    refs = [] if pattern is None else [ref for (ref,) in engine.rows(found) if ref is not None]
    times = [] if pattern is None else send_times(pattern, refs)
    engine.offer("client_ref_times", {"client_ref": "VARCHAR", "sent_at": "TIMESTAMP"}, times)
