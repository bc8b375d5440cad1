"""Importing: nothing twice, as many times as the file holds it, the same after any crash."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.errors import StoreError, UnreadableValue
from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.receipts.insert import import_receipts
from dlr_analytics.store.receipts.read import open_receipts, select_receipts
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.receipts.staging import ImportCounts
from dlr_analytics.webhook.receipt import COLUMNS, Receipt
from tests.support.journals import NOON, Disk, make_receipt

DAY = dt.timedelta(days=1)
KEY = "lower(trim(message_id)), status, err_code, scts_raw, message_timestamp"


def rows(data: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    """What is stored, sealed or not, in order."""
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        held = select_receipts(open_receipts(data, Path(scratch)))
        return connection.execute(f"select {columns} from ({held}) order by all").fetchall()


def files(data: Path) -> list[Path]:
    return sorted(layout.receipts(data).rglob("*.parquet"))


def imported(message_id: str = "0A00", **values: Any) -> Receipt:
    return make_receipt(message_id, source="import", **values)


def test_importing_twice_changes_nothing(data: Path) -> None:
    receipts = [imported("0A"), imported("0B", received_at=NOON - DAY), imported("0C", scts=None)]
    assert import_receipts(data, receipts) == ImportCounts(3, 0)
    once, named = rows(data), files(data)
    assert import_receipts(data, receipts) == ImportCounts(0, 3)
    assert (rows(data), files(data)) == (once, named)


def test_a_day_has_a_file_in_its_folder_sorted_with_all_columns(data: Path) -> None:
    times = [NOON, NOON - DAY, NOON - DAY / 4, NOON + DAY / 2 - dt.timedelta(microseconds=1)]
    import_receipts(data, [imported(f"0{n}", received_at=time) for n, time in enumerate(times)])
    days = [path.parent.name for path in files(data)]
    assert days == ["received_date=2026-11-23", "received_date=2026-11-24"]
    read = "select * from read_parquet(?, hive_partitioning = false)"
    for path in files(data):
        found = duckdb.execute(read, [str(path)])
        assert {c[0]: str(c[1]) for c in found.description} == COLUMNS
        arrived = [row[0] for row in found.fetchall()]
        assert arrived == sorted(arrived)
        assert {time.date().isoformat() for time in arrived} == {path.parent.name[-10:]}


@pytest.mark.parametrize("sealed", [False, True])
def test_what_a_receiver_stored_is_known(
    data: Path, fill: Callable[..., None], sealed: bool
) -> None:
    fill("0A", "0B")
    if sealed:
        assert seal_all(data) == []
    late = NOON + 3 * DAY
    file = [imported(name, received_at=late) for name in ("0a", " 0B\t", "0C")]
    assert import_receipts(data, file) == ImportCounts(1, 2)
    assert [message_id for (message_id,) in rows(data, "message_id")] == ["0A", "0B", "0C"]


@pytest.mark.parametrize(
    "other",
    [
        {"status": "failed"},
        {"status": None},
        {"err_code": 1},
        {"err_code": None},
        {"scts_raw": "2611241201"},
        {"scts_raw": None},
        {"message_timestamp": NOON + dt.timedelta(microseconds=1)},
        {"message_timestamp": None},
        {"message_id": "0B"},
    ],
)
def test_each_field_of_the_key_distinguishes_receipts(data: Path, other: dict[str, Any]) -> None:
    import_receipts(data, [imported()])
    changed = imported(**other)
    assert import_receipts(data, [changed]) == ImportCounts(1, 0)
    assert import_receipts(data, [changed, imported()]) == ImportCounts(0, 2)


def test_no_other_field_distinguishes_receipts(data: Path) -> None:
    import_receipts(data, [imported()])
    other = imported(price=None, msisdn=None, sender="x", raw="{}", received_at=NOON + DAY)
    assert import_receipts(data, [other]) == ImportCounts(0, 1)


def test_of_equal_ones_the_later_are_the_new_ones(data: Path) -> None:
    import_receipts(data, [imported()])
    times = [NOON + DAY, NOON - DAY, NOON]
    file = [imported(received_at=time, raw=str(time)) for time in times]
    assert import_receipts(data, file) == ImportCounts(2, 1)
    assert [raw for (raw,) in rows(data, "raw")] == sorted(
        [str(NOON), str(NOON + DAY), imported().raw]
    )


receipts = st.builds(
    imported,
    st.sampled_from(["0A", "0a ", "0B"]),
    status=st.sampled_from(["delivered", None]),
    err_code=st.sampled_from([0, None]),
    message_timestamp=st.sampled_from([NOON, None]),
    received_at=st.sampled_from([NOON, NOON + DAY, NOON - 400 * DAY]),
    raw=st.sampled_from(["{}", '{"a":"\x00\u2028é"}']),
)


@pytest.mark.thorough
@given(stored=st.lists(receipts, max_size=8), file=st.lists(receipts, max_size=8))
@settings(max_examples=25, deadline=None)
def test_in_the_end_each_key_is_there_as_often_as_in_the_store_or_the_file(
    stored: list[Receipt], file: list[Receipt]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        writer = Writer(data)
        writer.probe()
        writer.write([Entry(r.received_at.date(), encode(r)) for r in stored])
        writer.release()
        expected = key_counts(stored) | key_counts(file)
        taken = import_receipts(data, file)
        assert taken == ImportCounts(
            expected.total() - len(stored), key_counts(file).total() - taken.new
        )
        assert Counter(rows(data, KEY)) == expected
        assert import_receipts(data, reversed(file)) == ImportCounts(0, len(file))


def key_counts(some: Iterable[Receipt]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (r.message_id.strip().lower(), r.status, r.err_code, r.scts_raw, r.message_timestamp)
        for r in some
    )


@pytest.mark.thorough
def test_a_crash_at_any_call_then_again_is_the_same_as_once(tmp_path: Path) -> None:
    days = [NOON + n * DAY for n in (2, 0, 1, 0)]
    file = [imported(received_at=day, raw=f"{n}") for n, day in enumerate(days)]
    import_receipts(tmp_path / "once", file)
    for nth in itertools.count(1):
        data = tmp_path / str(nth)
        disk = Disk(nth, nth)
        try:
            import_receipts(data, file, disk.calls)
        except StoreError:
            import_receipts(data, file)
            assert rows(data) == rows(tmp_path / "once")
        else:
            break
    assert nth > 3 * 4


def test_the_leftovers_of_a_killed_import_are_removed(data: Path) -> None:
    left = layout.staging(data) / "incoming-0123456789abcdef"
    left.mkdir()
    (left / "receipts.jsonl").write_text("half a li")
    import_receipts(data, [imported()])
    assert list(layout.staging(data).iterdir()) == []


def test_concurrent_imports_of_one_file_import_it_once(data: Path) -> None:
    file = [imported(f"{n:02x}") for n in range(50)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: import_receipts(data, file), range(4)))
    assert sum(t.new for t in taken) == 50
    assert len(rows(data)) == 50


def test_nothing_to_import_makes_no_file(data: Path) -> None:
    assert import_receipts(data, []) == ImportCounts(0, 0)
    assert files(data) == []


def test_a_foreign_parquet_file_counts(data: Path, tmp_path: Path) -> None:
    import_receipts(tmp_path / "elsewhere", [imported()])
    (theirs,) = files(tmp_path / "elsewhere")
    theirs.rename(layout.receipts(data) / "theirs.parquet")
    assert import_receipts(data, [imported()]) == ImportCounts(0, 1)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(StoreError, match="data: Not a directory; fix that"):
        import_receipts(tmp_path / "data", [imported()])


def test_a_receipt_of_a_clock_more_than_a_day_ahead_is_refused_with_all_of_its_file(
    data: Path,
) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    assert import_receipts(data, [imported("0A", received_at=now + DAY)]).new == 1
    soon = now + DAY + dt.timedelta(hours=1)
    with pytest.raises(UnreadableValue, match=f"received_at {soon} is more than a day ahead"):
        import_receipts(data, [imported("0B"), imported("0C", received_at=soon)])
    assert rows(data, "message_id") == [("0A",)]


def test_whatever_the_lines_raise_nothing_is_stored(data: Path) -> None:
    def broken() -> Iterable[Receipt]:
        yield imported()
        raise RuntimeError("the file was taken away")

    with pytest.raises(RuntimeError):
        import_receipts(data, broken())
    assert (files(data), list(layout.staging(data).iterdir())) == ([], [])
