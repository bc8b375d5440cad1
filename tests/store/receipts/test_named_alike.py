"""Files of other programs, named like files of ours or like files that were merged."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL
from dlr_analytics.store.locks import is_locked
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.receipts import compact, generations, merge
from dlr_analytics.store.receipts import files as stored_files
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.sql import literal, to_parquet
from dlr_analytics.webhook.receipt import COLUMNS
from tests.support.journals import NOON
from tests.support.quick import pairs
from tests.support.receivers import stored

DAY = NOON.date()

NAMES = ["z-000001.parquet", "z-000002-00112233445566aa.parquet", "z-report.parquet", "a.parquet"]


@pytest.fixture
def folder(data: Path) -> Path:
    """The empty folder of a day."""
    folder = layout.receipts(data) / layout.day_folder(DAY)
    folder.mkdir()
    return folder


def write(path: Path, *message_ids: str) -> Path:
    """A file of receipts as another program writes it, with no footer of ours."""
    values = {"received_at": f"timestamp '{NOON}'", "message_id": "unnest($ids)"}
    columns = ", ".join(
        f"cast({values.get(name, 'null')} as {kind}) as {name}" for name, kind in COLUMNS.items()
    )
    with duckdb.connect() as connection:
        connection.execute(to_parquet(f"select {columns}", path), {"ids": list(message_ids)})
    return path


def plainly(folder: Path) -> Counter[str]:
    """The message IDs in all files of a day, as a plain reader counts them."""
    files = [
        pq.read_table(path, columns=["message_id"], partitioning=None)
        for path in folder.glob("*.parquet")
    ]
    return Counter(each for table in files for each in table["message_id"].to_pylist())


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "exchanged"), pairs(NAMES, [True, False]))
def test_a_new_file_with_the_name_of_a_merged_one_counts_and_is_merged(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, exchanged: bool
) -> None:
    if not exchanged:
        monkeypatch.setattr(compact, "_exchange", lambda *_: False)
    expected: Counter[str] = Counter()
    for number in range(3):
        ids = f"{number}-one", f"{number}-two"
        path = write(folder / name, *ids)
        os.utime(path, (0, 0))  # when another program wrote it says nothing
        write(folder / f"b{number}.parquet", f"{number}-beside")
        expected.update([*ids, f"{number}-beside"])
        assert stored(data) == expected
        assert compact_day(data, DAY) >= 2
        assert stored(data) == plainly(folder) == expected


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_a_merged_file_that_is_copied_again_counts_once(
    data: Path, folder: Path, name: str
) -> None:
    copy = write(folder / name, "one").read_bytes()
    write(folder / "b.parquet", "two")
    assert compact_day(data, DAY) == 2
    (folder / name).write_bytes(copy)
    assert stored(data) == Counter(["one", "two"])
    assert compact_day(data, DAY) == 0
    assert plainly(folder) == Counter(["one", "two"])


def test_a_file_named_like_a_merged_one_is_read_for_its_digest_once(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.parquet", "one")
    write(folder / "b.parquet", "two")
    compact_day(data, DAY)
    write(folder / "a.parquet", "new")
    found, whole = [], stored_files._read_digest

    def counted(path: Path) -> str:
        found.append(path)
        return whole(path)

    monkeypatch.setattr(stored_files, "TICK_NS", 0)
    monkeypatch.setattr(stored_files, "_read_digest", counted)
    for _ in range(3):
        assert stored(data) == Counter(["one", "two", "new"])
    assert found == [folder / "a.parquet"]
    write(folder / "a.parquet", "newer")
    assert stored(data) == Counter(["one", "two", "newer"])


def test_no_file_is_hashed_while_sealing_waits_for_the_lock(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = [write(folder / name, name).read_bytes() for name in ("a.parquet", "b.parquet")]
    compact_day(data, DAY)
    (folder / "a.parquet").write_bytes(copies[0])
    locked: list[bool] = []

    def checked(paths: Iterable[Path]) -> None:
        locked.extend(is_locked(layout.lock(data)) for _ in paths)

    monkeypatch.setattr(compact, "check_sums", checked)
    assert compact_day(data, DAY) == 0
    assert set(locked) == {False}
    assert stored(data) == Counter(["a.parquet", "b.parquet"])


@pytest.mark.parametrize("name", ["z-000001.parquet", "z-000001-00112233445566aa.parquet"])
def test_a_name_in_a_footer_replaces_no_file_that_was_never_compacted(
    data: Path, folder: Path, name: str
) -> None:
    """Earlier releases kept no digests: here of a compacted file with a footer of its own."""
    write(folder / "other.parquet", "merged")
    merged, names = folder / "z-000002.parquet", f"aaaaaaaa-000001.parquet\n{name}"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from '{folder / 'other.parquet'}') to '{merged}'"
            f" (format parquet, kv_metadata {{{generations.FOOTER_KEY}: '{names}'}})"
        )
    (folder / "other.parquet").unlink()
    os.utime(write(folder / name, "new"), (0, 0))
    assert stored(data) == Counter(["merged", "new"])
    compact_day(data, DAY)
    assert stored(data) == plainly(folder) == Counter(["merged", "new"])


def test_a_file_written_over_while_the_day_is_merged_is_not_lost(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.parquet", "before")
    write(folder / "b.parquet", "beside")
    write_merged = merge.write_merged
    times = iter(range(9))

    def overtaken(*arguments: object) -> Path:
        merged = write_merged(*arguments)  # type: ignore[arg-type]
        if next(times) == 0:
            write(folder / "a.parquet", "after")
        return merged

    monkeypatch.setattr(compact, "write_merged", overtaken)
    assert compact_day(data, DAY) == 2
    assert stored(data) == plainly(folder) == Counter(["after", "beside"])


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
)
def test_equal_receipts_in_any_files_and_order_are_merged_to_equal_bytes(
    data: Path, folder: Path, tmp_path: Path, seed: int
) -> None:
    """All of one moment, some of one message, some equal in all columns."""
    ids = [f"{number % 300:04x}" for number in range(900)]
    found = set()
    for which in ("sorted", "shuffled"):
        if which == "shuffled":
            random.Random(seed).shuffle(ids)
        first = write(folder / "aaaaaaaa-000001.parquet", *ids[:450])
        second = write(folder / "aaaaaaaa-000002.parquet", *ids[450:])
        (staged := tmp_path / which).mkdir()
        merged = merge.write_merged(data, [first, second], [], staged, REAL)
        found.add((merged.name, merged.read_bytes()))
    assert len(found) == 1


def keys(footer: dict[str, str]) -> str:
    """The option of COPY for the keys of a footer."""
    pairs = ", ".join(f"{key}: {literal(value)}" for key, value in footer.items())
    return f"kv_metadata {{{pairs}}}"


def with_more(path: Path) -> Path:
    """A compacted file as a later release would have written it, with one more column."""
    with duckdb.connect() as connection:
        kept = connection.execute(
            "select decode(key), decode(value) from parquet_kv_metadata($1)", [str(path)]
        ).fetchall()
        footer = {key: value for key, value in kept if key == "replaces"}
        query = f"select *, 1 as later from read_parquet('{path}', hive_partitioning = false)"
        write_parquet(connection, query, path.with_suffix(".new"), footer=footer)
    return path.with_suffix(".new").replace(path)


def test_a_merge_leaves_what_it_cannot_merge_in_force(data: Path, folder: Path) -> None:
    """A file with a column of a later release stays beside the merged one; both count."""
    write(folder / "aaaaaaaa-000001.parquet", "a")
    write(folder / "aaaaaaaa-000002.parquet", "b")
    compact_day(data, DAY)
    (first,) = folder.glob("*.parquet")
    with_more(first)
    for number, name in enumerate("cde", start=3):
        write(folder / f"aaaaaaaa-00000{number}.parquet", name)
        compact_day(data, DAY)
        assert stored(data) == dict.fromkeys("abcde"[:number], 1)
    assert first in folder.glob("*.parquet")


def test_an_earlier_release_never_covers_what_it_could_not_merge(data: Path, folder: Path) -> None:
    """It took over the names of a file that it left alone, and later gave a name again."""
    write(folder / "aaaaaaaa-000001.parquet", "a")
    compact_day(data, DAY)
    (ours,) = folder.glob("*.parquet")
    names = ["aaaaaaaa-000001.parquet", "aaaaaaaa-000002.parquet", "z-000001.parquet"]
    with duckdb.connect() as connection:
        of_theirs = write(folder / "b.parquet", "b")
        query = f"from read_parquet('{of_theirs}', hive_partitioning = false)"
        footer = {"replaces": "\n".join(names)}
        connection.execute(to_parquet(query, folder / "z-000001.parquet", [keys(footer)]))
    of_theirs.unlink()
    assert stored(data) == {"a": 1, "b": 1}
    assert generations.replaced_files([ours, folder / "z-000001.parquet"]).isdisjoint(
        folder.glob("*.parquet")
    )
    assert compact_day(data, DAY) == 2
    assert stored(data) == {"a": 1, "b": 1}


def test_two_releases_that_merged_one_receipt_are_not_merged_for_ever(
    data: Path, folder: Path
) -> None:
    """Where the earlier one has all receipts of the other, merging would double them."""
    write(folder / "aaaaaaaa-000001.parquet", "a")
    compact_day(data, DAY)
    footer = {"replaces": "aaaaaaaa-000001.parquet\naaaaaaaa-000002.parquet"}
    (ours,) = folder.glob("*.parquet")
    with duckdb.connect() as connection:
        query = (
            f"from read_parquet('{ours}', hive_partitioning = false) union all"
            f" from read_parquet('{write(folder / 'b.parquet', 'b')}', hive_partitioning = false)"
        )
        connection.execute(to_parquet(query, folder / "z-000001.parquet", [keys(footer)]))
    (folder / "b.parquet").unlink()
    with pytest.raises(FileExistsError, match="its receipts count twice"):
        compact_day(data, DAY)
    assert stored(data) == {"a": 2, "b": 1}
