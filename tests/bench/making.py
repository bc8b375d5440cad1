"""Receipts of any number of messages, made by SQL in the shape that the simulator gives them.

The networks, their failures, clocks and prices are the simulator's own; chance is drawn by hashes,
so that the same number gives the same data. Step by step messages are sent (``sent.sql``), and what
has arrived by its end (``pushed.sql``) becomes one sealed file: of an hour, or of four where little
is sent. The last day ends at 20:00.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.simulate.world.clocks import to_ms
from dlr_analytics.simulate.world.networks import NETWORKS, Network, When
from dlr_analytics.store import layout, sends
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.webhook.receipt import COLUMNS

LAST_DAY: Final = dt.date(2026, 11, 23)
ENDS: Final = dt.datetime.combine(LAST_DAY, dt.time(20))

_HOURS: Final = (
    2,
    1,
    1,
    1,
    1,
    2,
    5,
    10,
    14,
    16,
    17,
    15,
    13,
    14,
    15,
    14,
    14,
    15,
    16,
    14,
    10,
    8,
    5,
    3,
)
_WHEN: Final[dict[When, tuple[float, float]]] = {
    "seconds": (1, 20),
    "minutes": (60, 3_600),
    "hours": (3_600, 172_800),
    "expiry": (259_201, 259_500),
}
_SENT_AS: Final = {"message_id": "id", "sent_at": "sent_at", "source": "'sends'"}


def hourly_shares() -> list[float]:
    """The share of a day's traffic in each hour."""
    return [weight / sum(_HOURS) for weight in _HOURS]


@dataclass(frozen=True, slots=True)
class Size:
    """So many messages on so many days, the last one still under way."""

    messages: int
    days: int = 30

    @property
    def step(self) -> dt.timedelta:
        """How much time one file holds."""
        return dt.timedelta(hours=1 if self.messages > 100_000 * self.days else 4)

    def steps(self) -> Iterator[tuple[dt.datetime, int, int]]:
        """When each step begins, the number of its first message and of that after its last."""
        midnight = dt.datetime.combine(LAST_DAY - dt.timedelta(days=self.days - 1), dt.time())
        begins = [midnight + self.step * n for n in range((ENDS - midnight) // self.step)]
        hours = self.step // dt.timedelta(hours=1)
        weights = [sum(_HOURS[one.hour : one.hour + hours]) for one in begins]
        so_far = [0, *accumulate(weights)]
        bounds = [self.messages * part // so_far[-1] for part in so_far]
        return zip(begins, bounds, bounds[1:], strict=False)


def make(data: Path, size: Size) -> None:
    """Fill a new data directory: receipts and send log in sealed files, one for each hour."""
    layout.sends(data).mkdir(parents=True)
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        _offer_world(connection)
        for begins, first, after in size.steps():
            _send(connection, begins, size.step, first, after - first)
            _seal(connection, data, begins, begins + size.step)


def _statement(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


def _send(
    connection: duckdb.DuckDBPyConnection,
    begins: dt.datetime,
    lasts: dt.timedelta,
    first: int,
    number: int,
) -> None:
    """Send messages, and let their receipts be under way."""
    asked = {"begins": begins, "seconds": lasts.total_seconds(), "first": first, "number": number}
    connection.execute(f"create or replace table sent as {_statement('sent')}", asked)
    pushed = f"select {', '.join(COLUMNS)} from ({_statement('pushed')})"
    connection.execute(f"create table if not exists under_way as {pushed} limit 0")
    connection.execute(f"insert into under_way {pushed}")


def _seal(
    connection: duckdb.DuckDBPyConnection, data: Path, begins: dt.datetime, ends: dt.datetime
) -> None:
    """Put what has arrived by the end where a receiver would put it."""
    file = f"made-{begins:%Y%m%d%H}.parquet"
    folder = layout.receipts(data) / layout.day_folder(begins.date())
    folder.mkdir(parents=True, exist_ok=True)
    arrived = f"from under_way where received_at < timestamp '{ends}'"
    write_parquet(connection, f"{arrived} order by received_at", folder / file)
    connection.execute(f"delete {arrived}")
    logged = ", ".join(
        f"cast({_SENT_AS.get(name, 'null')} as {kind}) as {name}"
        for name, kind in sends.COLUMNS.items()
    )
    query = f"select {logged} from sent where account > 0 order by sent_at"
    write_parquet(connection, query, layout.sends(data) / file)


def _offer_world(connection: duckdb.DuckDBPyConnection) -> None:
    """The simulator's networks, a row for each share of the traffic, and their ways to fail."""
    connection.execute(
        "create macro chance(seed, i) as hash(64 * i + seed) / 18446744073709551616e0"
    )
    connection.execute(
        "create table network (slot int, code varchar, price varchar, rate double, median double,"
        " spread double, off double, silent double, accepts double, final boolean,"
        " offset_min int, numbers varchar, messages_api boolean, smpp boolean, ways int)"
    )
    connection.execute(
        "create table failure (code varchar, way int, status varchar, err_code int,"
        " soonest double, latest double)"
    )
    shares = [one for one in NETWORKS for _ in range(round(one.share))]
    marks = ", ".join("?" * 15)
    rows = [_row(slot, one) for slot, one in enumerate(shares)]
    connection.executemany(f"insert into network values ({marks})", rows)
    ways = [(one.code, n, *way) for one in NETWORKS for n, way in enumerate(_ways(one))]
    connection.executemany("insert into failure values (?, ?, ?, ?, ?, ?)", ways)


def _row(slot: int, one: Network) -> tuple[object, ...]:
    behaves = (one.rate, one.median_s, one.spread, one.off, one.silent, one.accepts, one.final)
    offset = one.scts.offset_min(to_ms(ENDS))
    told = (offset, one.numbers, one.messages_api, bool(one.spellings), len(_ways(one)))
    return (slot, one.code, one.price, *behaves, *told)


def _ways(one: Network) -> list[tuple[str, int, float, float]]:
    """Its failures, each as often as its weight in halves says."""
    return [
        (failure.status, failure.err_code, *_WHEN[failure.when])
        for failure in one.failures
        for _ in range(round(2 * failure.weight))
    ]
