"""The recipes of docs/cookbook.md, and a world in which each has something to find."""

from __future__ import annotations

import ast
import datetime as dt
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dlr_analytics.simulate import (
    SENDERS,
    STEADY,
    FakeReceipts,
    Filtering,
    Network,
    PriceChange,
    RateChange,
    Simulation,
    World,
    simulate,
)
from dlr_analytics.simulate.world.clocks import Clock, to_time
from dlr_analytics.store.sends import Send, record_sends
from tests.support.data_directories import receive

ROOT: Final = Path(__file__).parents[2]
PAGE_NAME: Final = "docs/cookbook.md"
PAGE: Final = (ROOT / PAGE_NAME).read_text(encoding="utf-8")

END: Final = dt.datetime(2026, 11, 23, 12)
FELL_AT: Final = dt.datetime(2026, 11, 16)
DEARER_AT: Final = dt.datetime(2026, 11, 10, 9)
FILTERED: Final = (dt.datetime(2026, 11, 18), dt.datetime(2026, 11, 20))
FALLEN, DEARER, FAKED = "26201", "23410", "72402"
TWICE: Final = 7
"""So many messages are sent twice by mistake."""


@dataclass(frozen=True)
class Recipe:
    """A chapter: its question, its one block of code, its picture, what it does not tell."""

    question: str
    language: str
    code: str
    limit: str
    picture: str
    """What it shows: a file under docs/."""

    def value(self, **names: object) -> object:
        """What a block in Python ends with, given these names."""
        *statements, last = ast.parse(self.code).body
        if not isinstance(last, ast.Expr):
            raise TypeError(f"{self.question}: the block ends with no value")
        exec(compile(ast.Module(statements, []), PAGE_NAME, "exec"), names)
        return eval(compile(ast.Expression(last.value), PAGE_NAME, "eval"), names)

    def arguments(self) -> list[str]:
        """What to run ``dlr`` with."""
        return ["sql", self.code] if self.language == "sql" else shlex.split(self.code)[1:]


def recipes() -> dict[str, Recipe]:
    """The chapters of the page by their question."""
    found = {}
    for rest in PAGE.split("\n### ")[1:]:
        chapter = rest.partition("\n## ")[0]
        ((language, code),) = re.findall(r"^```(\w+)\n(.*?)^```", chapter, re.MULTILINE | re.DOTALL)
        limit = re.search(r"^It does not tell .+?(?=\n\n|\Z)", chapter, re.MULTILINE | re.DOTALL)
        question = chapter.partition("\n")[0]
        (picture,) = re.findall(r"^!\[[^]]+\]\((\S+\.png)\)$", chapter, re.MULTILINE)
        text = limit[0].strip() if limit else ""
        found[question] = Recipe(question, language, code, text, picture)
    return found


def world() -> Simulation:
    """Nine weeks of three networks: one falls, one becomes dearer, one has fake receipts."""
    networks = (
        _network(FALLEN, 3, "0.06780000", 0.95),
        _network(DEARER, 3, "0.03330000", 0.90),
        _network(FAKED, 2, "0.02100000", 0.60),
    )
    incidents = (
        RateChange(begins=FELL_AT, network_codes=(FALLEN,), points=-20),
        PriceChange(begins=DEARER_AT, network_codes=(DEARER,), price="0.05000000"),
        Filtering(
            begins=FILTERED[0],
            ends=FILTERED[1],
            network_codes=(DEARER,),
            sender="Acme Shop",
            share=0.9,
        ),
        FakeReceipts(begins=dt.datetime(2026, 9, 1), network_codes=(FAKED,), share=0.8),
    )
    return simulate(9_000, 21, 63, END, World(networks, SENDERS, incidents, STEADY))


def store_world(data: Path) -> Simulation:
    """Store what a receiver and ``dlr sends`` store of this world, and some messages twice.

    Each of :data:`TWICE` is sent again 3 s later, with ``-again`` after its message ID.
    """
    simulation = world()
    receipts = list(simulation.receipts())
    sends = [
        Send(m.message_id, to_time(m.sent), network_code=m.network.code, client_ref=m.client_ref)
        for m in (story.message for story in simulation.history.stories)
        if m.account.logged
    ]
    twice = {send.message_id: send for send in sends[:TWICE]}
    receipts += [
        replace(each, message_id=f"{each.message_id}-again")
        for each in receipts
        if each.message_id in twice
    ]
    later = dt.timedelta(seconds=3)
    sends += [
        replace(send, message_id=f"{send.message_id}-again", sent_at=send.sent_at + later)
        for send in twice.values()
    ]
    receive(data, receipts)
    record_sends(data, sends)
    return simulation


def _network(code: str, share: int, price: str, rate: float) -> Network:
    return Network(code, share, price, rate, 4.0, Clock(), silent=0.0, off=0.0, numbers="fr")
