"""Readers that know nothing of this package see each receipt that stays once, at any moment."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.erasure.forget import forget
from dlr_analytics.erasure.numbers import read_numbers
from dlr_analytics.erasure.prune import Erased, prune
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import SystemCalls
from tests.erasure.planted import NUMBER, holding
from tests.erasure.worlds import BEFORE, OLD, YOUNG, one
from tests.support.data_directories import receive
from tests.support.journals import Disk

STAY = Counter({f"young-{n}": 2 for n in range(6)})

ERASURES: dict[str, Callable[[Settings, SystemCalls], Erased]] = {
    "prune": lambda settings, calls: prune(settings, BEFORE, yes=True, calls=calls),
    "forget": lambda settings, calls: forget(
        settings, read_numbers([NUMBER]), yes=True, calls=calls
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("erase", ERASURES.values(), ids=ERASURES)
def test_plain_readers_see_each_receipt_that_stays_once_at_any_moment(
    tmp_path: Path, erase: Callable[[Settings, SystemCalls], Erased]
) -> None:
    """At each system call: whoever lists the folder then finds all of it, masked or not."""
    for day in (YOUNG, YOUNG + dt.timedelta(days=1)):
        old = [one(f"old-{n}", day, msisdn=NUMBER, message_timestamp=OLD) for n in range(6)]
        young = [one(f"young-{n}", day, client_ref=f"for {NUMBER}") for n in range(6)]
        receive(tmp_path, [*old, *young])
    looks: list[Counter[str]] = []

    def look() -> None:
        with duckdb.connect() as connection:
            source = f"read_parquet('{layout.receipts(tmp_path)}/*/*.parquet')"
            found = connection.execute(f"select message_id from {source}").fetchall()
        seen = Counter(message_id for (message_id,) in found)
        looks.append(Counter({name: seen[name] for name in STAY}))

    disk = Disk()
    calls = dataclasses.replace(
        disk.calls,
        exchange=watched(disk.calls.exchange, look),
        rename=watched(disk.calls.rename, look),
        unlink=watched(disk.calls.unlink, look),
    )
    assert erase(Settings(data=tmp_path), calls).left == ()
    assert len(looks) > 5
    assert all(seen == STAY for seen in looks)
    assert erase is not ERASURES["forget"] or holding(tmp_path) == []


def watched(call: Callable[..., None], look: Callable[[], None]) -> Callable[..., None]:
    """A system call, and a look before and after it."""

    def made_of(*arguments: Path) -> None:
        look()
        call(*arguments)
        look()

    return made_of
