"""Simulated worlds in bulk: rows instead of webhook calls, hundreds of thousands in seconds.

The worlds, their incidents and their traffic are those of :mod:`dlr_analytics.simulate`; chance is
drawn by numpy. What belongs to the wire is missing: repeated, late and contradictory receipts,
other spellings, strays, accounts without a send log; and no user asks again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from dlr_analytics.simulate.world.clocks import DAY, HOUR, MINUTE, SECOND, UTC, to_ms
from dlr_analytics.simulate.world.conditions import RETRY, Conditions
from dlr_analytics.simulate.world.history import campaigns_of
from dlr_analytics.simulate.world.incidents import PriceChange, ReceiverOutage, Silence
from dlr_analytics.simulate.world.parameters import World
from dlr_analytics.simulate.world.traffic import Span, Traffic, plan
from dlr_analytics.store import layout, sends
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.webhook.receipt import COLUMNS
from tests.support.bulk import sending
from tests.support.bulk.ending import STATUSES, in_scope, under, within
from tests.support.bulk.ending import end as end_messages
from tests.support.bulk.sending import Sent, Whole

END: Final = dt.datetime(2026, 11, 23)

_DERIVED: Final = {"problems": "[]", "scts_raw": "strftime(scts, '%y%m%d%H%M')"}
"""Columns of ``receipts`` that follow from others."""

LOGGED: Final = ("message_id", "sent_at", "network_code", "sender", "client_ref")
"""What the send log knows of a message."""

NUMBERS: Final = {
    "us": [f"1{area}55501{n:02d}" for area in (202, 303, 404, 512, 617) for n in range(100)],
    "fr": [f"3363998{n:04d}" for n in range(10_000)],
    "gb": [f"447700900{n:03d}" for n in range(1_000)],
}
"""Numbers reserved for fiction."""


@dataclass(frozen=True)
class Rows:
    """Rows of a simulated world in order of sending; times are naive UTC.

    ``messages`` is the truth, a row a message: ``message_id``, ``network_code``, ``sender``,
    ``client_ref``, ``msisdn``, ``price``, ``sent_at``, ``status`` and ``err_code`` in the end
    (status empty and code 0 without a final receipt), ``reported_at`` (the carrier's time) and
    ``received_at`` (NaT without a receipt). ``receipts`` and ``sends`` have columns of the tables
    of that name; ``receipts`` are those that came by ``end``.
    """

    messages: pd.DataFrame
    receipts: pd.DataFrame
    sends: pd.DataFrame
    end: dt.datetime


def draw(
    world: World,
    messages: int,
    seed: int,
    days: int = 30,
    end: dt.datetime = END,
    *,
    accepted: bool = False,
) -> Rows:
    """Draw the rows of a world.

    Parameters
    ----------
    world : World
        Its networks, senders, incidents and variation.
    messages : int
        Number of messages, those of campaigns included.
    seed, days, end
        As in :func:`dlr_analytics.simulate.simulate`; the end is naive UTC.
    accepted : bool, optional
        Whether networks push ``accepted`` receipts too, by default final ones only.

    Examples
    --------
    >>> rows = draw(World(), 1000, seed=1)
    >>> len(rows.messages), len(rows.sends)
    (1000, 1000)
    """
    span = span_of(days, end)
    rng = np.random.default_rng(seed)
    traffics = plan_traffics(world, span, seed)
    sent = sending.send(world, traffics, messages, span, rng)
    ends = end_messages(world, traffics, sent, rng)
    received = _arrivals(world, traffics, sent, ends.at, rng)
    received[ends.status == 0] = -1
    table = _messages(world, traffics, sent, seed, rng)
    table["status"] = np.array(STATUSES, dtype=object)[ends.status]
    table["err_code"] = ends.err_code
    table["reported_at"] = times(ends.at)
    table["received_at"] = pd.Series(times(received)).where(received >= 0)
    receipts = [_receipts(table, traffics, sent, ends.at, received, to_ms(end))]
    if accepted:
        receipts.append(_accepted(world, table, traffics, sent, to_ms(end), rng))
    all_receipts = pd.concat(receipts).sort_values("received_at", kind="stable")
    logged = table[list(LOGGED)].assign(source="sends")
    return Rows(table, all_receipts.reset_index(drop=True), logged, end)


def span_of(days: int, end: dt.datetime) -> Span:
    """The span of so many UTC days, the last of which contains the end."""
    ends = to_ms(end)
    return Span(((ends - 1) // DAY - (days - 1)) * DAY, ends)


def plan_traffics(world: World, span: Span, seed: int) -> list[Traffic]:
    """Draw the hours of all networks."""
    rng = Random(f"{seed}/bulk")
    conditions = Conditions(world.incidents)
    return [plan(network, span, world.variation, conditions, rng) for network in world.networks]


def times(ms: Whole) -> npt.NDArray[np.datetime64]:
    """Naive UTC of milliseconds since 1970."""
    return np.asarray(ms.astype("datetime64[ms]").astype("datetime64[us]"))


def _messages(
    world: World, traffics: Sequence[Traffic], sent: Sent, seed: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The columns that are known when a message is sent."""
    senders = sending.senders_of(world)
    campaigns = campaigns_of(world)
    prefixes = [f"{sender.prefix}-" for sender in senders]
    prefixes += [campaign.prefix for campaign in campaigns]
    prefix = np.where(sent.campaign < 0, sent.sender, len(senders) + sent.campaign)
    number = rng.integers(0, 1_000_000, len(prefix))
    references = zip(prefix.tolist(), number.tolist(), strict=True)
    codes = np.array([traffic.network.code for traffic in traffics], dtype=object)
    names = np.array([sender.name for sender in senders], dtype=object)
    first = seed % 65_536 << 40
    return pd.DataFrame(
        {
            "message_id": [f"{first + index:016X}" for index in range(len(number))],
            "network_code": codes[sent.network],
            "sender": names[sent.sender],
            "client_ref": [f"{prefixes[which]}{index:06d}" for which, index in references],
            "msisdn": _numbers(traffics, sent, rng),
            "price": _prices(world, traffics, sent),
            "sent_at": times(sent.at),
        }
    )


def _numbers(
    traffics: Sequence[Traffic], sent: Sent, rng: np.random.Generator
) -> npt.NDArray[np.object_]:
    numbers = np.empty(len(sent.at), dtype=object)
    for index, traffic in enumerate(traffics):
        chosen = sent.network == index
        pool = np.array(NUMBERS[traffic.network.numbers], dtype=object)
        numbers[chosen] = pool[rng.integers(0, len(pool), int(chosen.sum()))]
    return numbers


def _prices(world: World, traffics: Sequence[Traffic], sent: Sent) -> npt.NDArray[np.object_]:
    usual = np.array([traffic.network.price for traffic in traffics], dtype=object)
    price = usual[sent.network]
    for incident in world.incidents:
        if isinstance(incident, PriceChange):
            price[under(incident, world, traffics, sent)] = incident.price
    return np.asarray(price)


def _arrivals(
    world: World,
    traffics: Sequence[Traffic],
    sent: Sent,
    reported: Whole,
    rng: np.random.Generator,
) -> Whole:
    """When receipts arrive, in ms of UTC; -1 for those that are lost."""
    count = len(reported)
    arrived = reported + 130 + rng.exponential(500, count).astype(int) + rng.integers(0, 300, count)
    for incident in world.incidents:
        if isinstance(incident, ReceiverOutage):
            up = to_ms(incident.ends)
            later = arrived + -((arrived - up) // RETRY) * RETRY
            arrived = np.where(within(incident, arrived), later, arrived)
    for incident in world.incidents:
        if isinstance(incident, Silence):
            lost = within(incident, arrived) & in_scope(incident, world, traffics, sent)
            arrived = np.where(lost, -1, arrived)
    return np.asarray(arrived)


def _accepted(
    world: World,
    table: pd.DataFrame,
    traffics: Sequence[Traffic],
    sent: Sent,
    end: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    accepts = np.array([traffic.network.accepts for traffic in traffics])[sent.network]
    at = sent.at + 200 + rng.integers(0, 1300, len(sent.at))
    arrived = _arrivals(world, traffics, sent, at, rng)
    arrived[rng.random(len(at)) >= accepts] = -1
    of_vonage = table.assign(status="accepted", err_code=0)
    return _receipts(of_vonage, traffics, sent, at, arrived, end)


def _receipts(
    table: pd.DataFrame,
    traffics: Sequence[Traffic],
    sent: Sent,
    reported: Whole,
    arrived: Whole,
    end: int,
) -> pd.DataFrame:
    """The receipts that arrive by the end."""
    came = (arrived >= 0) & (arrived <= end)
    names = ["message_id", "msisdn", "sender", "network_code", "status", "err_code", "price"]
    found = table.loc[came, [*names, "client_ref"]]
    written = reported[came] // MINUTE * MINUTE
    ahead = _offsets(traffics, sent.network[came], written, found["status"])
    pushed = arrived[came] - 200
    return found.assign(
        received_at=times(arrived[came]),
        message_timestamp=times(pushed // SECOND * SECOND),
        scts=times(written + ahead * MINUTE),
        api_key="abcd1234",
        source="sms",
        raw="{}",
    )


def _offsets(traffics: Sequence[Traffic], network: Whole, at: Whole, status: pd.Series) -> Whole:
    """Minutes that scts is ahead of UTC."""
    ahead = np.zeros(len(at), dtype=int)
    by_vonage = status.isin(["accepted", "expired"]).to_numpy()
    for index, traffic in enumerate(traffics):
        clock = traffic.network.scts
        chosen = (network == index) & ~by_vonage
        if clock != UTC:
            hours, which = np.unique(at[chosen] // HOUR, return_inverse=True)
            offsets = np.array(
                [clock.offset_min(hour * HOUR) for hour in hours.tolist()], dtype=int
            )
            ahead[chosen] = offsets[which]
    return ahead


def write(data: Path, rows: Rows) -> None:
    """Write rows into a data directory: a Parquet file a day of arrival, and one of send times."""
    layout.sends(data).mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.register("given", rows.receipts)
        columns = _typed(COLUMNS, rows.receipts)
        connection.execute(f"create table receipts as select {columns} from given")
        for (day,) in connection.sql("select distinct received_at::date from receipts").fetchall():
            folder = layout.receipts(data) / layout.day_folder(day)
            folder.mkdir(parents=True, exist_ok=True)
            of_day = f"from receipts where received_at::date = '{day}' order by received_at"
            write_parquet(connection, of_day, folder / "bulk.parquet")
        connection.register("sent", rows.sends)
        query = f"select {_typed(sends.COLUMNS, rows.sends)} from sent"
        write_parquet(connection, query, layout.sends(data) / "bulk.parquet")


def _typed(columns: Mapping[str, str], frame: pd.DataFrame) -> str:
    """What to select from a frame for columns of a table; those that it lacks are NULL."""
    values = {**_DERIVED, **{name: name for name in frame.columns}}
    return ", ".join(
        f"cast({values.get(name, 'null')} as {kind}) as {name}" for name, kind in columns.items()
    )
