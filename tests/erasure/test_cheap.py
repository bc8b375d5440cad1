"""What a run repeats costs no more where nothing has changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dlr_analytics.erasure.files import folders
from dlr_analytics.erasure.files.quarantine_lines import Looked, rewrite_quarantine
from dlr_analytics.erasure.files.unsealed import AffectedJournals
from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.receipts import compact, merge_record
from tests.erasure.worlds import OLD, YOUNG, line, one
from tests.support.data_directories import receive
from tests.support.journals import entry

DAYS = [OLD + dt.timedelta(days=n) for n in range(3)]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Modules by their connections."""
    opened: list[str] = []
    for module in (folders, merge_record):
        connect: Callable[..., object] = module.connect

        def count(
            *, _connect: Callable[..., object] = connect, _name: str = module.__name__
        ) -> object:
            opened.append(_name)
            return _connect()

        monkeypatch.setattr(module, "connect", count)
    return opened


def test_each_line_of_an_open_journal_is_read_once(tmp_path: Path) -> None:
    """While a run waits for its receiver, also if it grows."""
    asked: list[tuple[int, int]] = []
    answer = False

    def affected(path: Path, start: int) -> tuple[bool, int]:
        asked.append((start, path.stat().st_size))
        return answer, path.stat().st_size

    writer = Writer(tmp_path)
    writer.write([entry("1")])
    journals = AffectedJournals(tmp_path, affected)
    assert [journals.seal() for _ in range(3)] == [([], [])] * 3
    (path,) = layout.journal(tmp_path).iterdir()
    first = path.stat().st_size
    writer.write([entry("2")])
    answer = True
    assert [journals.seal() for _ in range(3)] == [([path], [])] * 3
    assert asked == [(0, first), (first, path.stat().st_size)]
    writer.release()
    assert journals.seal() == ([], [])
    assert not path.exists()


def test_an_open_quarantine_file_is_read_again_only_if_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(tmp_path)
    writer.write([Entry(None, line(YOUNG))])
    read: list[Path] = []
    real = quarantine.read

    def watched(path: Path) -> Iterator[QuarantineEntry]:
        read.append(path)
        return real(path)

    def gone(each: QuarantineEntry) -> bool:
        return each.arrived_at == OLD

    monkeypatch.setattr(quarantine, "read", watched)
    looked: Looked = {}
    for _ in range(3):
        assert rewrite_quarantine(tmp_path, gone, looked) == ([], False)
    writer.write([Entry(None, line(OLD))])
    (path,) = layout.quarantine(tmp_path).iterdir()
    for _ in range(3):
        assert rewrite_quarantine(tmp_path, gone, looked) == ([path], False)
    assert read == [path] * 2
    writer.release()
    assert rewrite_quarantine(tmp_path, gone, looked) == ([], True)


def test_one_connection_finds_the_empty_days(tmp_path: Path, connections: list[str]) -> None:
    receive(tmp_path, [one(str(day.day), day) for day in DAYS])
    empty = layout.receipts(tmp_path) / layout.day_folder(YOUNG.date())
    empty.mkdir()
    assert folders.empty_days(tmp_path) == [empty]
    assert len(connections) == 1


@pytest.mark.parametrize("is_damaged", [False, True])
def test_one_connection_reads_the_records_of_merges(
    tmp_path: Path, connections: list[str], is_damaged: bool
) -> None:
    """A file that cannot be read is left out."""
    receive(tmp_path, [one(f"{day.day}-{n}", day) for day in DAYS for n in range(2)])
    receive(tmp_path, [one(f"{day.day}-3", day) for day in DAYS])
    for day in DAYS:
        compact.compact_day(tmp_path, day.date())
    files = sorted(layout.receipts(tmp_path).rglob("z-*.parquet"))
    if is_damaged:
        files[0].write_bytes(b"PAR1")
    found = merge_record.merged_files(files)
    assert [len(found[path]) for path in files if path in found] == [2] * (3 - is_damaged)
    assert len(connections) == 1
