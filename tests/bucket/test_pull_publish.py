"""The keeper: what is fetched, what is published, in which order, and what is deleted."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.bucket.publish import Published, publish
from dlr_analytics.bucket.pull import Pulled, pull
from dlr_analytics.bucket.ship import ship
from dlr_analytics.erasure.forget import forget
from dlr_analytics.erasure.numbers import read_numbers
from dlr_analytics.erasure.prune import prune
from dlr_analytics.errors import BucketMissing, DamagedFile, NewerFormat, UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.locks import try_lock
from dlr_analytics.store.quarantine import QuarantineEntry, encode
from dlr_analytics.store.replay import Replayed, replay
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.store.shipping.files import withdraw
from dlr_analytics.webhook.privacy import Privacy
from tests.bucket.directories import DAY, FOLDER, contents, merge, receive
from tests.bucket.stores import Fault, FaultyStore, Killed, in_memory
from tests.support.journals import NOON
from tests.support.receivers import stored


@pytest.fixture
def store() -> FaultyStore:
    return FaultyStore()


@pytest.fixture
def receiver(tmp_path: Path) -> Path:
    return tmp_path / "receiver"


@pytest.fixture
def keeper(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "keeper"


def shipped(receiver: Path, store: FaultyStore, *names: str) -> str:
    """The name of an object with receipts that a receiver has shipped."""
    name = receive(receiver, *names)
    assert ship(receiver, in_memory(store)).findings == ()
    return name


def compacted(receiver: Path, keeper: Path, store: FaultyStore) -> tuple[list[str], str]:
    """Names of two objects of one day, and of the file that the keeper merged them to."""
    names = [shipped(receiver, store, "1"), shipped(receiver, store, "2")]
    pull(in_memory(store), keeper)
    return names, merge(keeper)


def test_pull_fetches_what_is_not_here_and_makes_the_folder(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    name = shipped(receiver, store, "1", "2")
    assert pull(in_memory(store), keeper) == Pulled(1, 0)
    assert (keeper / name).read_bytes() == store.contents()[name]
    assert stored(keeper) == {"1": 1, "2": 1}
    assert pull(in_memory(store), keeper) == Pulled(0, 1)
    assert store.requests["get"] == 3, "the file, and the format twice"
    assert not list(layout.staging(keeper).glob("*/*"))


def test_pull_leaves_out_what_a_compacted_file_here_replaces(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    _, name = compacted(receiver, keeper, store)
    assert pull(in_memory(store), keeper) == Pulled(0, 0)
    assert list(contents(keeper)) == [name]


def test_publish_creates_the_compacted_file_before_it_deletes_what_that_replaces(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    names, name = compacted(receiver, keeper, store)
    order: list[tuple[str, str]] = []

    def record(method: str, name: str) -> Fault:
        order.append((method, name))
        return ""

    store.fault = record
    assert publish(in_memory(store), keeper) == Published(1, 0, 2)
    changes = [one for one in order if one[0] in ("put", "delete")]
    assert changes == [("put", name), *(("delete", one) for one in sorted(names))]
    assert list(store.contents()) == [name]
    assert publish(in_memory(store), keeper) == Published(0, 0, 0)


def test_nothing_is_deleted_if_a_file_cannot_be_created(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    compacted(receiver, keeper, store)
    before = store.contents()
    store.fault = lambda method, name: "killed before" if method == "put" else ""
    with pytest.raises(Killed):
        publish(in_memory(store), keeper)
    assert store.contents() == before


def test_a_file_that_comes_back_is_not_fetched_and_is_deleted_again(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    names, name = compacted(receiver, keeper, store)
    replaced = store.contents()[names[0]]
    publish(in_memory(store), keeper)
    store.memory.put(names[0], replaced)  # of a receiver that was restored
    assert pull(in_memory(store), keeper) == Pulled(0, 1)
    assert publish(in_memory(store), keeper) == Published(0, 0, 1)
    assert list(store.contents()) == [name]


def test_a_keeper_without_the_compacted_files_of_the_bucket_may_not_publish(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    shipped(receiver, store, "1")
    pull(in_memory(store), keeper)
    backup = keeper.with_name("backup")
    shutil.copytree(keeper, backup)
    merge(keeper)
    publish(in_memory(store), keeper)
    before = store.contents()
    with pytest.raises(UsageError, match="run dlr pull and dlr compact first"):
        publish(in_memory(store), backup)
    assert store.contents() == before
    pull(in_memory(store), backup)
    merge(backup)
    assert publish(in_memory(store), backup) == Published(0, 0, 0)


def test_files_that_replaced_ones_are_fetched_first(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    names, _ = compacted(receiver, keeper, store)
    store.fault = lambda method, name: "killed before" if method == "delete" else ""
    with pytest.raises(Killed):
        publish(in_memory(store), keeper)  # now the bucket has the merged file and its inputs
    store.fault = lambda method, name: ""
    another = keeper.with_name("another")
    assert pull(in_memory(store), another) == Pulled(1, 0)
    assert not contents(another).keys() & set(names)


def test_a_file_here_that_is_replaced_is_not_created_again(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    names, name = compacted(receiver, keeper, store)
    replaced = store.contents()[names[0]]
    publish(in_memory(store), keeper)
    (keeper / names[0]).write_bytes(replaced)  # copied back from somewhere
    assert publish(in_memory(store), keeper) == Published(0, 0, 0)
    assert list(store.contents()) == [name]


def quarantined(data: Path, *bodies: str) -> Path:
    """A quarantine file with requests."""
    layout.quarantine(data).mkdir(parents=True, exist_ok=True)
    path = layout.quarantine(data) / "k3f9x2ab-000007-0.jsonl"
    entries = [
        QuarantineEntry(NOON, "no message ID", json.dumps({"body": body})) for body in bodies
    ]
    path.write_bytes(b"".join(map(encode, entries)))
    return path


def test_a_replayed_quarantine_file_does_not_come_back_and_goes_from_the_bucket(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    path = quarantined(receiver, "messageId=1&status=delivered", "status=delivered")
    ship(receiver, in_memory(store))
    pull(in_memory(store), keeper)
    assert replay(keeper, Privacy()) == Replayed(1, 0)
    assert pull(in_memory(store), keeper).fetched == 0
    publish(in_memory(store), keeper)
    there = {name for name in store.contents() if name.startswith("quarantine")}
    assert there == {"quarantine/k3f9x2ab-000007-1.jsonl"}
    assert path.name not in {one.name for one in layout.quarantine(keeper).iterdir()}
    assert stored(keeper) == {"1": 1}


def test_a_quarantine_file_stays_in_the_bucket_until_its_replay_has_ended(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    path = quarantined(receiver, "messageId=1&status=delivered")
    ship(receiver, in_memory(store))
    pull(in_memory(store), keeper)
    here = layout.quarantine(keeper) / path.name
    withdraw(keeper, [here])  # and then the replay was killed
    publish(in_memory(store), keeper)
    assert f"quarantine/{path.name}" in store.contents()
    assert replay(keeper, Privacy()) == Replayed(1, 0)
    publish(in_memory(store), keeper)
    assert f"quarantine/{path.name}" not in store.contents()


def test_imports_of_the_keeper_are_published_and_new_files_of_receivers_stay(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    shipped(receiver, store, "1")
    pull(in_memory(store), keeper)
    record_sends(keeper, [Send("1", NOON)])
    later = shipped(receiver, store, "2")
    assert publish(in_memory(store), keeper) == Published(1, 0, 0)
    assert later in store.contents()
    assert contents(keeper).keys() <= store.contents().keys()


def test_what_an_erasure_removes_does_not_come_back_and_goes_from_the_bucket(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    shipped(receiver, store, "1", "2")
    pull(in_memory(store), keeper)
    other = Send("3", NOON, msisdn="447700900999")
    record_sends(keeper, [Send("1", NOON, msisdn="447700900123"), other])
    quarantined(keeper, "msisdn=447700900123")
    publish(in_memory(store), keeper)
    before = store.contents().keys()
    forget(Settings(data=keeper), read_numbers(("447700900123",), None), yes=True)
    pulled = pull(in_memory(store), keeper)
    assert pulled.fetched == 0
    publish(in_memory(store), keeper)
    assert b"447700900123" not in b"".join(store.contents().values())
    assert not store.contents().keys() & before
    assert contents(keeper).keys() == {one for one in store.contents() if "/" in one}


def test_days_that_are_pruned_do_not_come_back(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    names, name = compacted(receiver, keeper, store)
    copies = store.contents()
    publish(in_memory(store), keeper)
    prune(Settings(data=keeper), DAY + dt.timedelta(days=1), yes=True)
    store.memory.put(names[0], copies[names[0]])  # of a receiver that was restored
    assert pull(in_memory(store), keeper) == Pulled(0, 0)
    publish(in_memory(store), keeper)
    assert {one for one in store.contents() if one.startswith("receipts")} == set()
    assert name not in store.contents()


def write_like(source: Path, message_id: str, path: Path) -> None:
    """Write a file as another program does."""
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace ('{message_id}' as message_id)"
            f" from read_parquet('{source}', hive_partitioning = false))"
            f" to '{path}' (format parquet)"
        )


def test_files_of_other_programs_are_deleted_by_what_they_contain(
    receiver: Path, keeper: Path, store: FaultyStore, tmp_path: Path
) -> None:
    first = shipped(receiver, store, "1")
    pull(in_memory(store), keeper)
    name = f"{FOLDER}/part-0.parquet"
    write_like(keeper / first, "8", tmp_path / "other.parquet")
    write_like(keeper / first, "9", keeper / name)
    publish(in_memory(store), keeper)
    assert name in store.contents()
    merge(keeper)
    publish(in_memory(store), keeper)
    assert name not in store.contents(), "it was merged"
    store.memory.put(name, (tmp_path / "other.parquet").read_bytes())
    publish(in_memory(store), keeper)
    assert name in store.contents(), "another file of this name"
    pull(in_memory(store), keeper)
    assert stored(keeper) == {"1": 1, "8": 1, "9": 1}


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 a page, and the rest is missing"])
def test_an_object_that_is_no_parquet_file_is_named_and_the_others_are_fetched(
    receiver: Path, keeper: Path, store: FaultyStore, content: bytes
) -> None:
    shipped(receiver, store, "1")
    store.memory.put(f"{FOLDER}/k3f9x2ab-000009.parquet", content)
    pulled = pull(in_memory(store), keeper)
    assert pulled.fetched == 1
    assert "is no whole Parquet file; delete it" in pulled.findings[0]
    assert stored(keeper) == {"1": 1}


def test_a_flipped_bit_and_a_cut_are_found(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    flipped, cut = shipped(receiver, store, "1"), shipped(receiver, store, "2")
    content = bytearray(store.contents()[flipped])
    content[200] ^= 4
    store.memory.put(flipped, bytes(content))
    store.fault = lambda method, name: "before" if (method, name) == ("cut", cut) else ""
    findings = sorted(pull(in_memory(store), keeper).findings, key=lambda text: "came" in text)
    assert findings[0].endswith(
        f"{flipped} has changed since it was written; restore it from a backup"
    )
    assert "bytes came; run dlr pull again" in findings[1]
    assert contents(keeper) == {}
    assert not list(layout.staging(keeper).rglob("*.parquet"))


def test_a_file_of_another_size_here_is_named_by_both(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    name = shipped(receiver, store, "1")
    pull(in_memory(store), keeper)
    store.memory.put(name, b"PAR1")
    (finding,) = pull(in_memory(store), keeper).findings
    assert "compare their receipts, and move one of them away" in finding
    with pytest.raises(DamagedFile, match="compare their receipts"):
        publish(in_memory(store), keeper)


def test_a_damaged_file_here_is_not_published_and_nothing_is_deleted(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    _, name = compacted(receiver, keeper, store)
    content = bytearray((keeper / name).read_bytes())
    content[200] ^= 4
    (keeper / name).write_bytes(content)
    before = store.contents()
    with pytest.raises(DamagedFile, match="has changed since it was written"):
        publish(in_memory(store), keeper)
    assert store.contents() == before


def test_a_prefix_without_data_is_named_and_makes_no_folder(
    keeper: Path, store: FaultyStore
) -> None:
    store.memory.put("receipts/_SUCCESS", b"")
    store.memory.put("sends/notes.txt", b"")
    with pytest.raises(BucketMissing, match="s3://sms/live has no receipts; check the prefix"):
        pull(in_memory(store), keeper)
    assert not keeper.exists()


def test_a_bucket_of_a_newer_release_is_neither_read_nor_written(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    shipped(receiver, store, "1")
    pull(in_memory(store), keeper)
    store.memory.put("format", b"7\n")
    for command in (pull, publish):
        with pytest.raises(NewerFormat, match="s3://sms/live has format 7"):
            command(in_memory(store), keeper)


def test_a_quarantine_file_that_a_receiver_writes_is_published_later(
    receiver: Path, keeper: Path, store: FaultyStore
) -> None:
    shipped(receiver, store, "1")
    pull(in_memory(store), keeper)
    layout.quarantine(keeper).mkdir(exist_ok=True)
    path = layout.quarantine(keeper) / "k3f9x2ab-000007-0.jsonl"
    path.write_bytes(b"")
    with try_lock(path) as locked:
        assert locked
        assert publish(in_memory(store), keeper) == Published(0, 0, 0)
    assert publish(in_memory(store), keeper) == Published(1, 0, 0)
