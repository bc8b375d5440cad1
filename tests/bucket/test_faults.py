"""Whatever fails between receivers, bucket and keeper, each receipt counts exactly once."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.bucket.publish import publish
from dlr_analytics.bucket.pull import pull
from dlr_analytics.bucket.ship import ship
from dlr_analytics.errors import DlrError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.receipts.compact import closed_days, compact
from dlr_analytics.store.receipts.seal import seal_all
from tests.bucket.stores import FaultyStore, Killed, faults, in_memory
from tests.support.journals import NOON, entry
from tests.support.receivers import stored

DAYS = [NOON + dt.timedelta(days=day) for day in range(3)]
LATER = dt.date(2027, 1, 1)


class World:
    """Two receivers, a bucket, a keeper; requests and system calls fail at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.share = 0.15
        self.receivers = [folder / "one", folder / "two"]
        self.keeper = folder / "keeper"
        self.store = FaultyStore(faults(seed, self.share))
        self.objects = in_memory(self.store)
        self.numbers = itertools.count()
        self.received: Counter[str] = Counter()
        self.reached: set[str] = set()
        self.reads = self.failures = 0

    def calls(self) -> SystemCalls:
        """System calls of which a few kill their process, before or after."""

        def wrapped(name: str) -> Callable[..., Any]:
            def call(*arguments: Any) -> Any:
                chance = self.random.random()
                if chance < self.share / 8:
                    raise Killed
                answer = getattr(REAL, name)(*arguments)
                if chance < self.share / 4:
                    raise Killed
                return answer

            return call

        named = ("rename", "unlink", "sync_folder", "exchange")
        return SystemCalls(**{f.name: wrapped(f.name) for f in fields(REAL) if f.name in named})

    @contextlib.contextmanager
    def may_fail(self) -> Iterator[None]:
        """A command that fails or is killed."""
        try:
            yield
        except (Killed, DlrError, OSError):
            self.failures += 1

    def receive(self) -> None:
        """A receiver acknowledges a few receipts, seals and ships."""
        data = self.random.choice(self.receivers)
        writer = Writer(data)
        for _ in range(self.random.randrange(1, 4)):
            name = f"{next(self.numbers):04d}"
            writer.write([entry(name, self.random.choice(DAYS))])
            self.received[name] = 1
        writer.release()
        with self.may_fail():
            seal_all(data, self.calls())
        self.ship(data)

    def ship(self, data: Path) -> None:
        with self.may_fail():
            ship(data, self.objects, self.random.choice([0, 0, 5]), calls=self.calls())

    def push_again(self) -> None:
        """A receiver is restored: files of an earlier moment are there again."""
        data = self.random.choice(self.receivers)
        saved = data.with_suffix(".saved")
        if saved.exists():
            shutil.copytree(saved, data, dirs_exist_ok=True)
            with self.may_fail():
                seal_all(data, self.calls())
            self.ship(data)

    def save(self) -> None:
        """Back up a receiver or the keeper."""
        data = self.random.choice([*self.receivers, self.keeper])
        if data.exists():
            shutil.rmtree(data.with_suffix(".saved"), ignore_errors=True)
            shutil.copytree(data, data.with_suffix(".saved"))

    def restore_keeper(self) -> None:
        """The keeper's disk is lost: a backup is restored, or nothing."""
        saved = self.keeper.with_suffix(".saved")
        shutil.rmtree(self.keeper, ignore_errors=True)
        if saved.exists() and self.random.random() < 0.7:
            shutil.copytree(saved, self.keeper)

    def pull(self) -> None:
        with self.may_fail():
            pull(self.objects, self.keeper, self.calls())

    def compact(self) -> None:
        if layout.receipts(self.keeper).exists():
            days = closed_days(self.keeper, LATER)
            chosen = self.random.sample(days, self.random.randrange(len(days) + 1))
            with self.may_fail():
                list(compact(self.keeper, chosen, self.calls()))

    def publish(self) -> None:
        with self.may_fail():
            publish(self.objects, self.keeper)

    def read(self) -> None:
        """Our own reader over the bucket: nothing twice, and nothing that was there is gone."""
        seen = self.in_bucket()
        assert {name: times for name, times in seen.items() if times > 1} == {}
        assert self.reached - seen.keys() == set()
        self.reached |= seen.keys()
        self.reads += 1

    def in_bucket(self) -> Counter[str]:
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name, content in self.store.contents().items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes(content)
        return stored(copy)

    def finish(self) -> None:
        """Nothing fails any more: everything is shipped, compacted and published."""
        self.share = 0
        self.store.fault = faults(0, 0)
        for data in self.receivers:
            if data.exists():
                assert seal_all(data) == []
                assert ship(data, self.objects).findings == ()
        assert pull(self.objects, self.keeper).findings == ()
        assert [
            one for one in compact(self.keeper, closed_days(self.keeper, LATER)) if one.finding
        ] == []
        publish(self.objects, self.keeper)


def run(folder: Path, seed: int, steps: int) -> World:
    world = World(folder, seed)
    choices = {
        world.receive: 8,
        world.push_again: 2,
        world.save: 2,
        world.restore_keeper: 1,
        world.pull: 4,
        world.compact: 4,
        world.publish: 5,
        world.read: 3,
    }
    for _ in range(steps):
        (step,) = world.random.choices(list(choices), list(choices.values()))
        step()
    world.finish()
    assert world.in_bucket() == world.received
    assert stored(world.keeper) == world.received
    before = world.store.contents()
    days = len({name.split("/")[1] for name in before if name.startswith("receipts/")})
    assert len([name for name in before if name.startswith("receipts/")]) == days
    world.finish()
    assert world.store.contents() == before
    return world


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(2))
def test_each_receipt_is_in_the_bucket_once_whatever_fails(
    tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    world = run(tmp_path, seed, 60)
    assert world.failures > 10
    record_property(
        "figures",
        f"bucket, seed {seed}: {world.reads} reads, {world.failures} failures,"
        f" {len(world.received)} receipts: 0 doubled, 0 missing",
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_each_receipt_is_in_the_bucket_once_whatever_fails_over_many_seeds(
    tmp_path: Path, seed: int
) -> None:
    run(tmp_path, seed, 120)
