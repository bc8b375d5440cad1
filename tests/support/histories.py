"""Histories of many messages, drawn by hypothesis: any order, any repetition, any nonsense.

A history is bytes: each receipt, and each send record, is a row of them, and each byte picks a
field's value from a pool. So hundreds are drawn fast, and what fails shrinks to the few that matter
(byte 0 picks the plainest value). The pools hold what lies on the edges of the contract's
definitions, beside text that hypothesis makes up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.receipt import Receipt
from tests.support.pipelines import NOON, after, receipt

HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
"""Any text that a VARCHAR can hold."""

IDS = ("0A0000001234ABCD", "0a0000001234abcd", "\t 0A0000001234ABCD", "b", "B ", "c", "d", "é", "'")
STATUSES = (
    "delivered", "accepted", "failed", "expired", "rejected", "unknown", "buffered", "delivrd",
    "undeliv", "acceptd", "undeliverable", "teleported", "submitted", "read", None,
)  # fmt: skip
ERR_CODES = (0, 1, 6, 99, -1, 32767, None)
PRICES = (Decimal("0.03330000"), Decimal("0.03330001"), Decimal(0), Decimal("9999999999.99999999"))
NETWORKS = ("23410", "310260", "72402", "23499", "999999", "US-TOLL-FREE", "XX-VIRTUAL", None)
ARRIVALS = tuple(after(s) for s in (0, 1, 1.000001, 5, 60, 3600, 86_400, 172_800, 260_000))
"""Few, so that ties are many."""
AS_OF_VALUES = (None, NOON, after(3600), after(hours=75), after(days=6))
"""Values of ``as_of``; None is the newest arrival."""
LEADS = (
    *(dt.timedelta(seconds=s) for s in (0, 1, 0.25, 3600, 80_000)),
    *(-dt.timedelta(hours=24, microseconds=m) for m in (-1, 0, 1)),
)
"""How long a message_timestamp is before its arrival: one that is over 24 h after it is no time."""
ABSURD = (
    dt.datetime(1970, 1, 1),
    dt.datetime(1999, 12, 31, 23, 59, 59, 999_999),
    dt.datetime(2000, 1, 1),
    dt.datetime(9999, 12, 31, 23, 59, 59),
    None,
)
WRITTEN = (
    *((f"{after(s):%y%m%d%H%M}", after(s)) for s in (0, 60, 3600, 7200, -10_800)),
    *((f"{NOON + d:%y%m%d%H%M}", NOON + d) for d in map(dt.timedelta, (3, -3.5, 4, -4, 400))),
    ("10000000000", None),
    ("yesterday", None),
    (None, None),
)
"""scts as written and as read."""
RAWS = (
    ("sms", "{}"),
    ("messages", '{"usage":{"currency":"USD","price":"0.1"}}'),
    ("messages", '{"usage": {"price": "0.1", "currency": "gbp"}}'),
    ("import", '{"usage":{"currency":"dollars"},"x":"\\"usage\\":{\\"currency\\":\\"CHF\\"}"}'),
    ("messages", '{"sms":{"count_total":"2"},"usage":{"currency":"EUR"}}'),
    ("messages", '{"sms": {"x": 1, "count_total": 3}}'),
    ("messages", '{"sms":{"count_total":"many"},"count_total":"9"}'),
    ("import", '{"usage":"none","currency":"CHF"}'),
    ("sms", '{"usage":{"currency":"CHF"}}'),
)  # fmt: skip
CHANNELS = ("sms", "whatsapp", None)
"""None is what files of earlier releases have."""
REFS = (None, "t-1793707200", "t-1793707260 t-5", "t-5", "t-99999999999999", "x")
PROBLEMS = ((), ("price_missing",), ("scts_missing", "price_missing"), ("times_contradict",))
WORDS = (None, "Acme", "acme", "447700900002")


@dataclass(frozen=True)
class History:
    """What came, in the order in which it is stored."""

    receipts: tuple[Receipt, ...]
    sends: tuple[Send, ...]


def _receipt(row: bytes, texts: Sequence[str]) -> Receipt:
    pick = _Picker(row, texts)
    arrival = pick.one(ARRIVALS)
    scts_raw, scts = pick.one(WRITTEN)
    source, raw = pick.one(RAWS)
    lead = pick.one((*LEADS, *ABSURD))
    return receipt(
        pick.id(IDS),
        pick.word(STATUSES),
        received_at=arrival,
        message_timestamp=arrival - lead if isinstance(lead, dt.timedelta) else lead,
        err_code=pick.one(ERR_CODES),
        price=pick.one((*PRICES, None)),
        network_code=pick.word(NETWORKS),
        scts=scts,
        scts_raw=scts_raw,
        source=source,
        raw=raw,
        client_ref=pick.word(REFS),
        problems=pick.one(PROBLEMS),
        msisdn=pick.word(WORDS),
        sender=pick.word(WORDS),
        api_key=pick.word(WORDS),
        channel=pick.one(CHANNELS),
    )


def _send(row: bytes, texts: Sequence[str]) -> Send:
    pick = _Picker(row, texts)
    return Send(
        message_id=pick.id((*IDS, "only sent", "Only Sent")),
        sent_at=pick.one(ARRIVALS) - pick.one((dt.timedelta(), dt.timedelta(seconds=300.5))),
        source=pick.one(("sends", "reports")),
        network_code=pick.word(NETWORKS),
        price=pick.one((None, *PRICES)),
        currency=pick.one((None, "USD", "EUR")),
        client_ref=pick.word(REFS),
        msisdn=pick.word(WORDS),
        sender=pick.word(WORDS),
        sms_id=pick.word(WORDS),
        part=pick.one((None, 1, 2)),
        parts=pick.one((None, 2, 3)),
    )


class _Picker:
    """Takes a byte for each choice; ``word`` lets made-up text in."""

    def __init__(self, row: bytes, texts: Sequence[str]) -> None:
        self._bytes = iter(row)
        self._texts = texts

    def one(self, pool: Sequence[Any]) -> Any:
        return pool[next(self._bytes) % len(pool)]

    def id(self, pool: Sequence[str]) -> str:
        return f"{self.word(pool)}{'-' * self.one(range(GROUPS))}"

    def word(self, pool: Sequence[Any]) -> Any:
        return self.one((*pool, *self._texts))


WIDTH = 18
"""Bytes of a row: as many as a receipt has choices."""

GROUPS = 8
"""Each ID comes in so many groups, so that one history has many messages."""


def histories(receipts: int = 120, sends: int = 30) -> st.SearchStrategy[History]:
    """Histories of up to so many receipts and send records, some of them of a few only."""

    def made(texts: list[str], came: list[bytes], sent: list[bytes]) -> History:
        return History(
            tuple(_receipt(row, texts) for row in came), tuple(_send(row, texts) for row in sent)
        )

    def rows(most: int) -> st.SearchStrategy[list[bytes]]:
        row = st.binary(min_size=WIDTH, max_size=WIDTH)
        return st.lists(row, max_size=8) | st.lists(row, min_size=most // 2, max_size=most)

    return st.builds(made, st.lists(HOSTILE, max_size=3), rows(receipts), rows(sends))
