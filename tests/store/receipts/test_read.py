"""A reader sees each receipt exactly once, and opens no more files than it needs."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.errors import DataFolderMissing
from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.receipts import listing, read
from dlr_analytics.store.receipts.generations import FOOTER_KEY
from dlr_analytics.store.receipts.read import ReceiptFiles, open_receipts, select_receipts
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.webhook.receipt import COLUMNS
from tests.support.journals import NOON, entry
from tests.support.receivers import stored

Fill = Callable[..., None]
DAY = dt.timedelta(days=1)


def write_parquet(path: Path, select: str, footer: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    options = f", kv_metadata {{{FOOTER_KEY}: '{footer}'}}" if footer else ""
    with duckdb.connect() as connection:
        connection.execute(f"copy ({select}) to '{path}' (format parquet{options})")


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataFolderMissing):
        open_receipts(tmp_path / "nowhere", tmp_path)


def test_a_folder_without_receipts_has_all_columns_and_no_rows(tmp_path: Path) -> None:
    files = open_receipts(tmp_path, tmp_path)
    assert files == ReceiptFiles((), ())
    with duckdb.connect() as connection:
        described = connection.execute(f"describe {select_receipts(files)}").fetchall()
        assert {row[0]: row[1] for row in described} == COLUMNS
        assert connection.execute(select_receipts(files)).fetchall() == []


def test_sealed_and_unsealed_receipts_have_the_same_columns(
    data: Path, tmp_path: Path, fill: Fill
) -> None:
    fill("1")
    seal_all(data)
    fill("2")
    files = open_receipts(data, tmp_path)
    assert (len(files.sealed), len(files.journals)) == (1, 1)
    with duckdb.connect() as connection:
        described = connection.execute(f"describe {select_receipts(files)}").fetchall()
        assert {row[0]: row[1] for row in described} == COLUMNS
    assert stored(data) == {"1": 1, "2": 1}


def test_what_a_writer_appends_is_seen_at_once(data: Path) -> None:
    writer = Writer(data)
    for number in range(3):
        writer.write([entry(str(number))])
        assert sum(stored(data).values()) == number + 1


def test_any_parquet_file_under_receipts_counts(data: Path, fill: Fill) -> None:
    fill("1")
    seal_all(data)
    folder = layout.receipts(data)
    some = "select 'x' as message_id, now()::timestamp as received_at"
    write_parquet(folder / "mine.parquet", some.replace("x", "2"))
    write_parquet(folder / "received_date=2026-11-24" / "a" / "b.parquet", some.replace("x", "3"))
    write_parquet(folder / "elsewhere" / "c.parquet", some.replace("x", "4"))
    (folder / "_SUCCESS").touch()
    assert stored(data) == {"1": 1, "2": 1, "3": 1, "4": 1}


def test_other_types_and_orders_and_missing_columns_are_read_by_name(
    data: Path, tmp_path: Path
) -> None:
    folder = layout.receipts(data) / "received_date=2026-11-24"
    write_parquet(
        folder / "a.parquet",
        "select 0.5::double as price, 'extra' as more, 7::bigint as err_code, 'a' as message_id",
    )
    write_parquet(folder / "b.parquet", "select 'b' as message_id, ['scts_missing'] as problems")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select message_id, price::varchar, err_code, problems from"
            f" ({select_receipts(open_receipts(data, tmp_path))}) order by message_id"
        ).fetchall()
    assert rows == [("a", "0.50000000", 7, None), ("b", None, None, ["scts_missing"])]


def test_what_a_compacted_file_replaces_is_left_out(data: Path, fill: Fill) -> None:
    for number in range(3):
        fill(str(number))
    seal_all(data)
    first, second, third = sorted(layout.receipts(data).rglob("*.parquet"))
    z1, z2 = (first.with_name(f"z-{number}.parquet") for number in (1, 2))
    write_parquet(z1, f"from read_parquet(['{first}', '{second}'])", f"{first.name}\n{second.name}")
    assert sum(stored(data).values()) == 3
    write_parquet(
        z2,
        f"from read_parquet(['{z1}', '{third}'])",
        "\n".join(path.name for path in (first, second, third, z1)),
    )
    assert stored(data) == {"0": 1, "1": 1, "2": 1}


def test_the_only_file_of_a_day_is_not_opened_for_listing(data: Path, tmp_path: Path) -> None:
    lonely = layout.receipts(data) / "received_date=2026-11-24" / "z-1.parquet"
    lonely.parent.mkdir()
    lonely.write_bytes(b"not even Parquet")
    assert open_receipts(data, tmp_path).sealed == (lonely,)


@pytest.mark.thorough
def test_a_reader_meets_sealing_at_any_moment_and_sees_each_receipt_once(data: Path) -> None:
    stop = threading.Event()
    written: list[str] = []

    def receive() -> None:
        writer = Writer(data)
        while not stop.is_set():
            message_id = str(len(written))
            writer.write([entry(message_id, NOON + DAY * (len(written) % 2))])
            written.append(message_id)
            if len(written) % 7 == 0:
                writer.release()
                seal_all(data)

    thread = threading.Thread(target=receive)
    thread.start()
    try:
        for _ in range(40):
            known = len(written)
            seen = stored(data)
            assert set(seen.values()) <= {1}
            assert seen.keys() >= set(written[:known])
    finally:
        stop.set()
        thread.join()
    assert stored(data) == dict.fromkeys(written, 1)


def preceded_by(more: Callable[[], object], function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, before whose first call the world moves on."""
    to_come = [more]

    def both(*arguments: Any) -> Any:
        while to_come:
            to_come.pop()()
        return function(*arguments)

    return both


STEPS = st.lists(st.sampled_from(["write", "release", "seal"]), max_size=12)


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@given(STEPS, STEPS)
def test_whatever_happens_between_listing_and_copying_each_receipt_is_seen_once(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], between: list[str]
) -> None:
    data = tmp_path_factory.mktemp("held") / "data"
    scratch = tmp_path_factory.mktemp("scratch")
    Writer(data).probe()
    writer = Writer(data)
    written: list[str] = []

    def take(step: str) -> None:
        if step == "write":
            writer.write([entry(str(len(written)))])
            written.append(str(len(written)))
        elif step == "release":
            writer.release()
        else:
            seal_all(data)

    for step in before:
        take(step)
    known = set(written)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((listing, "_list_sealed"), (read, "_copy_journals")):
            delayed = preceded_by(lambda: [*map(take, between)], getattr(module, name))
            patch.setattr(module, name, delayed)
        files = open_receipts(data, scratch)
    with duckdb.connect() as connection:
        seen = [
            row[0]
            for row in connection.execute(
                f"select message_id from ({select_receipts(files)})"
            ).fetchall()
        ]
    assert len(seen) == len(set(seen))
    assert known <= set(seen)
