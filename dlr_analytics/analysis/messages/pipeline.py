"""From receipts and send records to ``messages``: the steps, in their order.

Each step runs one statement of ``sql/`` and defines one relation, from relations that earlier steps
or :func:`create_inputs` defined under fixed names::

    receipts ─▶ receipts_normalized ─┬─▶ receipts_collapsed ─┬─▶ messages_joined ─▶ message_facts
    sends ───────────────────────────┼─▶ sends_collapsed ────┘                         ▲     │
                                     ├─▶ receipt_flaws ────────────────────────────────┤     ▼
                                     └─▶ scts_votes ─▶ scts_claims ─▶ scts_offsets ────┘  nowcast
                                                                                             │
                                          messages ◀── message_outcomes ◀────────────────────┘

Sorting receipts cannot spill to disk, so the steps from receipts to messages run in batches of
about a million receipts, all receipts of a message in the same batch. Each batch has a namespace of
its own, in which the statements find the batch under the names of the whole.

:func:`build` runs all steps. Where messages are cached, :mod:`dlr_analytics.analysis.cache.build`
runs the same steps over what has changed and adds the cached rows of the steps marked ``cached``.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Final

from dlr_analytics.analysis.engines.protocol import Definitions, Engine
from dlr_analytics.analysis.messages import client_ref
from dlr_analytics.analysis.messages.parameters import (
    INTERNAL,
    KEY,
    PUBLIC,
    DerivationParameters,
    create_parameters,
)

RECEIPTS_PER_BATCH: Final = 1_000_000
"""Collapsing so many takes most of a gigabyte of memory."""


class Stage(enum.Enum):
    """Over what a step runs."""

    RECEIPTS = "all receipts that are loaded"
    BATCH = "each batch of receipts, and the send records of its messages"
    OFFSETS = "the votes of all batches"
    FACTS = "each batch, once offsets are known"
    TOTALS = "the facts of all batches"
    OUTCOMES = "all facts, as of the moment of the query"


Form = enum.Enum("Form", ["VIEW", "TABLE", "SCRATCH"])
"""What a relation becomes: a view, a table, or a table that is dropped at the end of its batch."""


@dataclass(frozen=True, slots=True)
class Step:
    """One relation: its statement, its inputs, and whether its rows are cached."""

    stage: Stage
    relation: str
    source: str | Callable[[Definitions, DerivationParameters], None]
    inputs: tuple[str, ...]
    form: Form = Form.TABLE
    cached: bool = False

    def run(self, engine: Definitions, parameters: DerivationParameters) -> None:
        """Define the relation in the first namespace in use."""
        if not isinstance(self.source, str):
            self.source(engine, parameters)
        elif self.form is Form.VIEW:
            engine.create_view(self.relation, statement(self.source))
        else:
            engine.create_table(self.relation, statement(self.source))


def _client_ref_times(engine: Definitions, parameters: DerivationParameters) -> None:
    client_ref.create_times(engine, parameters.client_ref_time)


# fmt: off
STEPS: Final = (
    Step(Stage.RECEIPTS, "receipts_normalized", "pipeline/receipts_normalized",
         ("receipts", "statuses", "aliases", "limits", "parameters"), Form.VIEW),

    Step(Stage.BATCH, "receipts_collapsed", "pipeline/receipts_collapsed",
         ("receipts_normalized",), Form.SCRATCH),
    Step(Stage.BATCH, "message_days", "pipeline/message_days",
         ("receipts_collapsed",), Form.VIEW),
    Step(Stage.BATCH, "scts_votes_by_day", "offsets/scts_votes_by_day",
         ("receipts_normalized", "message_days"), cached=True),
    Step(Stage.BATCH, "sends_collapsed", "pipeline/sends_collapsed",
         ("sends", "receipts_collapsed", "parameters"), Form.SCRATCH),
    Step(Stage.BATCH, "client_ref_times", _client_ref_times,
         ("receipts_collapsed", "sends_collapsed"), Form.SCRATCH),
    Step(Stage.BATCH, "messages_joined", "pipeline/messages_joined",
         ("receipts_collapsed", "sends_collapsed", "networks", "mccs", "client_ref_times",
          "parameters")),
    Step(Stage.BATCH, "receipt_flaws", "pipeline/receipt_flaws",
         ("receipts_normalized", "messages_joined", "limits")),

    Step(Stage.OFFSETS, "scts_votes", "offsets/scts_votes",
         ("scts_votes_by_day",)),
    Step(Stage.OFFSETS, "scts_claims", "offsets/scts_claims",
         ("scts_votes", "zones"), Form.SCRATCH),
    Step(Stage.OFFSETS, "scts_offsets", "offsets/scts_offsets",
         ("scts_claims", "scts_votes", "zones"), cached=True),

    Step(Stage.FACTS, "message_facts", "pipeline/message_facts",
         ("messages_joined", "receipt_flaws", "scts_offsets", "limits"), cached=True),

    Step(Stage.TOTALS, "mature_durations", "pipeline/mature_durations",
         ("message_facts", "parameters"), Form.VIEW, cached=True),
    Step(Stage.TOTALS, "pending_durations", "pipeline/pending_durations",
         ("mature_durations",), cached=True),
    Step(Stage.TOTALS, "message_totals", "pipeline/message_totals",
         ("message_facts",), cached=True),

    Step(Stage.OUTCOMES, "pending", "pipeline/pending",
         ("recent_facts", "parameters")),
    Step(Stage.OUTCOMES, "nowcast", "pipeline/nowcast",
         ("pending", "pending_durations", "mature_durations", "limits")),
    Step(Stage.OUTCOMES, "message_outcomes", "pipeline/message_outcomes",
         ("settled_facts", "recent_facts", "nowcast", "parameters"), Form.VIEW),
    Step(Stage.OUTCOMES, "messages", "pipeline/messages",
         ("message_outcomes",), Form.VIEW),
    Step(Stage.OUTCOMES, "sms", "pipeline/sms",
         ("messages", "parameters"), Form.VIEW),
    Step(Stage.OUTCOMES, "sms_outcomes", "pipeline/sms_outcomes",
         ("sms", "message_outcomes"), Form.VIEW),
)
"""All steps; nothing else defines a relation from receipts."""
# fmt: on


def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``, like ``pipeline/messages``."""
    folder = resources.files("dlr_analytics.analysis") / "sql"
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def build(engine: Engine, parameters: DerivationParameters) -> None:
    """Derive ``messages`` from all receipts and send records, without the cache.

    Parameters
    ----------
    engine : Engine
        Has ``receipts``, ``sends``, ``networks`` and ``err_codes`` in its public namespace, and the
        vocabulary in its internal one.
    parameters : DerivationParameters
        The moment, and what else messages depend on.
    """
    engine.use(INTERNAL, PUBLIC)
    create_parameters(engine, parameters)
    run(Stage.RECEIPTS, engine, parameters)
    ((receipts,),) = engine.rows("select count(*) from receipts")
    batches = collapse(engine, split(engine, INTERNAL, receipts), parameters)
    engine.use(INTERNAL, PUBLIC)
    engine.create_table("scts_votes_by_day", union("scts_votes_by_day", batches))
    run(Stage.OFFSETS, engine, parameters)
    create_facts(engine, batches, "message_facts")
    # Without a cache it is not known which days are settled.
    engine.create_view("settled_facts", "select * from message_facts where false")
    engine.create_view("recent_facts", "select * from message_facts")
    run(Stage.TOTALS, engine, parameters)
    publish(engine, parameters)


def publish(engine: Definitions, parameters: DerivationParameters) -> None:
    """Define ``messages`` and the other relations that depend on ``as_of``."""
    engine.use(INTERNAL, PUBLIC)
    run(Stage.OUTCOMES, engine, parameters)
    for name in ("latency_push", "latency_carrier"):  # so that latency.sql runs as it stands
        engine.create_view(name, statement(f"metrics/{name}"))
    engine.use(PUBLIC)
    engine.create_view("messages", f"select * from {INTERNAL}.messages")


def run(stage: Stage, engine: Definitions, parameters: DerivationParameters) -> None:
    """Run the steps of a stage, then drop what only they need."""
    steps = [step for step in STEPS if step.stage is stage]
    for step in steps:
        step.run(engine, parameters)
    for step in steps:
        if step.form is Form.SCRATCH:
            engine.drop_table(step.relation)


def split(engine: Engine, namespace: str, receipts: int) -> list[str]:
    """Split receipts and send records of a namespace into batches by message.

    ``receipts`` is how many there are.

    Returns
    -------
    list of str
        The namespaces of the batches, at least one.
    """
    number = 1 + receipts // RECEIPTS_PER_BATCH
    batches = [f"{namespace}_batch_{batch}" for batch in range(number)]
    engine.use(namespace, INTERNAL, PUBLIC)
    # As tables, whose size the engine knows: it sorts in a third of the memory then. In the order
    # of batches, so that each batch reads no more than its own part.
    rows = _by_batch("receipts_normalized", "message_key", number)
    engine.create_table("receipts_by_batch", rows)
    engine.create_table("sends_by_batch", _by_batch("sends", KEY, number))
    for index, batch in enumerate(batches):
        engine.use(batch, INTERNAL, PUBLIC)
        selected = f"where batch = {index}"
        rows = f"select * exclude (batch) from {namespace}.receipts_by_batch {selected}"
        engine.create_view("receipts_normalized", rows)
        rows = f"select * exclude (batch) from {namespace}.sends_by_batch {selected}"
        engine.create_view("sends", rows)
    return batches


def _by_batch(relation: str, key: str, number: int) -> str:
    """The statement that adds the column ``batch``, one value for each message."""
    if number == 1:
        return f"select *, 0 as batch from {relation}"
    return f"select *, hash({key}) % {number} as batch from {relation} order by batch"


def collapse(engine: Engine, batches: list[str], parameters: DerivationParameters) -> list[str]:
    """Run the steps of each batch, and drop the receipts; returns the batches."""
    for batch in batches:
        engine.use(batch, INTERNAL, PUBLIC)
        run(Stage.BATCH, engine, parameters)
    engine.use(batches[0].rpartition("_batch_")[0])
    engine.drop_table("receipts_by_batch")
    engine.drop_table("sends_by_batch")
    engine.use(INTERNAL, PUBLIC)
    return batches


def create_facts(engine: Engine, batches: Iterable[str], table: str, order: str = "") -> None:
    """Create a table of the facts of all batches, and drop the batches.

    One table, since sorting the rows of a union of many takes more memory. ``order`` is an
    ``order by`` clause for the rows of each batch.
    """
    (step,) = (step for step in STEPS if step.stage is Stage.FACTS)
    add = engine.create_table
    for batch in batches:
        engine.use(INTERNAL, batch, PUBLIC)
        add(table, f"{statement(str(step.source))} {order}")
        engine.use(INTERNAL, PUBLIC)
        engine.drop_namespace(batch)
        add = engine.append


def union(relation: str, namespaces: Iterable[str]) -> str:
    """The statement that selects a relation's rows in several namespaces."""
    return " union all ".join(f"select * from {namespace}.{relation}" for namespace in namespaces)
