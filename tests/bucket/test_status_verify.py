"""``dlr status`` and ``dlr verify`` say of a bucket what they say of a folder with its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from dlr_analytics.bucket import files
from dlr_analytics.bucket.access import open_store, read_address
from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import closed_days, compact
from tests.support.buckets import Bucket, upload
from tests.support.cache import EVER, refresh_cache
from tests.support.commands import Done, run
from tests.support.memory_buckets import DATA, copy_sample, uploaded

CHANGING = ("last compacted", "disk use", "unfinished")
"""Rows of ``dlr status`` that depend on when files were put, or on what no bucket has."""


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Days of the sample, all but the last compacted and cached; no test changes it."""
    folder = copy_sample(tmp_path_factory.mktemp("cached") / "data")
    for day in sorted(layout.receipts(folder).iterdir())[:-3]:
        shutil.rmtree(day)
    days = closed_days(folder, EVER)
    list(compact(folder, days[:-1]))
    refresh_cache(folder, days[-1])
    return folder


@pytest.fixture
def data(cached: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(cached, tmp_path / "data")


def rows(done: Done) -> dict[str, str]:
    """The rows of ``dlr status`` by name, without those that are not the same in a bucket."""
    assert (done.code, done.err) == (0, "")
    found = {line[:15].strip(): line[16:] for line in done.out.splitlines()}
    return {name: text for name, text in found.items() if name not in CHANGING}


@pytest.mark.thorough
@pytest.mark.parametrize("whole", [files.SMALL, 500])
def test_status_of_a_bucket_has_the_counts_of_the_folder(
    whole: int, cached: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where its objects are read in parts."""
    monkeypatch.setattr(files, "SMALL", whole)
    expected = rows(run(capsys, "status", "--data", cached))
    assert expected["receipts"] != "0"
    assert expected["oldest message"] != "none"
    with uploaded(cached):
        done = run(capsys, "status", "--data", str(DATA))
    assert rows(done) == expected
    assert "unfinished      none" in done.out
    receipts = sum(path.stat().st_size for path in layout.receipts(cached).rglob("*.parquet"))
    assert f"(receipts {receipts / 1e6:.1f}" in done.out


def test_status_counts_what_compacted_objects_replace(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with uploaded(data) as store:
        list(compact(data, closed_days(data, EVER)))
        upload(data, store)
        done = run(capsys, "status", "--data", str(DATA))
    assert int(rows(done)["superseded"].removesuffix(" files")) > 0


def _largest(data: Path, folder: Callable[[Path], Path]) -> Path:
    return max(folder(data).rglob("*.parquet"), key=lambda path: path.stat().st_size)


def _flip(data: Path) -> None:
    file = next(layout.receipts(data).rglob("z-*.parquet"))
    contents = bytearray(file.read_bytes())
    contents[len(contents) // 3] ^= 1
    file.write_bytes(contents)


def _cut(data: Path) -> None:
    file = _largest(data, layout.sends)
    file.write_bytes(file.read_bytes()[:-100])


def _cut_cache(data: Path) -> None:
    file = _largest(data, layout.messages)
    file.write_bytes(file.read_bytes()[:-100])


def _another_day(data: Path) -> None:
    file = _largest(data, layout.receipts)
    day = layout.receipts(data) / "received_date=2026-01-01"
    day.mkdir()
    shutil.copy(file, day / "theirs.parquet")


def _quarantine(data: Path) -> None:
    layout.quarantine(data).mkdir(exist_ok=True)
    (layout.quarantine(data) / "notes.txt").write_text("x")
    (layout.quarantine(data) / "testtest-000001-0.jsonl").write_bytes(b'{"crc":"00000000"}\n{"cr')
    (layout.quarantine(data) / "testtest-000002-0.jsonl").touch()


def _same_receipts(data: Path) -> None:
    """Two compacted files that replace the same ones."""
    file = next(layout.receipts(data).rglob("z-*.parquet"))
    shutil.copy(file, file.with_name("z-000009-00112233aabbccdd.parquet"))


@pytest.mark.thorough
@pytest.mark.parametrize("whole", [files.SMALL, 500])
def test_verify_of_a_bucket_names_the_faults_of_the_folder(
    whole: int, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SMALL", whole)
    damaged = (_flip, _cut, _cut_cache, _another_day, _quarantine, _same_receipts)
    for damage in damaged:
        damage(data)
    expected = run(capsys, "verify", "--data", data)
    assert expected.code == 1
    assert len(expected.out.splitlines()) > len(damaged)
    with uploaded(data):
        found = run(capsys, "verify", "--data", str(DATA))
    assert found.code == 1
    assert found.err == expected.err
    assert found.out.replace(str(DATA), "DATA") == expected.out.replace(str(data), "DATA")


@pytest.mark.thorough
def test_verify_of_a_sound_bucket_reads_every_object(
    cached: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = run(capsys, "verify", "--data", cached)
    with uploaded(cached):
        assert run(capsys, "verify", "--data", str(DATA)) == expected
    assert (expected.code, expected.out) == (0, "")


@pytest.mark.thorough
def test_verify_skips_what_was_deleted_since_it_was_listed(
    cached: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`dlr publish` deletes what a compacted file replaces, after the listing."""
    listed = files.Bucket.list
    with uploaded(cached) as store:

        def delete_after(bucket: files.Bucket) -> object:
            found = listed(bucket)
            store.delete([name.removeprefix(f"{DATA}/") for name in list(found.sealed)[:3]])
            return found

        monkeypatch.setattr(files.Bucket, "list", delete_after)
        done = run(capsys, "verify", "--data", str(DATA))
    assert (done.code, done.out) == (0, "")


@pytest.mark.thorough
@pytest.mark.parametrize("folder", [layout.sends, layout.receipts, layout.messages])
def test_verify_names_an_object_whose_answer_is_cut_short_and_reads_the_others(
    folder: Callable[[Path], Path],
    cached: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = _largest(cached, folder).relative_to(cached).as_posix()
    get = files.Bucket.get

    def cut(bucket: files.Bucket, stored: files.Stored, start: int, end: int) -> bytes:
        if stored.path == name:
            raise DamagedFile(f"{DATA}/{name} is cut short", "put it there again")
        return get(bucket, stored, start, end)

    monkeypatch.setattr(files.Bucket, "get", cut)
    with uploaded(cached):
        done = run(capsys, "verify", "--data", str(DATA))
    assert done.code == 1
    (line,) = done.out.splitlines()
    assert line.startswith(f"{DATA}/{name}: is cut short; ")


@pytest.mark.parametrize("command", ["status", "verify"])
def test_a_bucket_that_cannot_be_read_is_named_in_one_line(
    command: str, s3: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    for url, text in (
        ("s3://no-such-bucket/live", "there is no bucket no-such-bucket"),
        (s3.url, f"no data in {s3.url}"),
    ):
        done = run(capsys, command, "--data", url)
        assert (done.code, done.out) == (2, "")
        (line,) = done.err.splitlines()
        assert text in line


@pytest.mark.thorough
def test_a_server_of_s3_gives_the_same(
    s3: Bucket, cached: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upload(cached, open_store(read_address(s3.url)))
    assert run(capsys, "verify", "--data", s3.url) == run(capsys, "verify", "--data", cached)
    found, expected = (run(capsys, "status", "--data", data) for data in (s3.url, cached))
    assert rows(found) == rows(expected)


def test_an_object_of_a_newer_format_is_refused(
    cached: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with uploaded(cached) as store:
        assert isinstance(store, MemoryStore)
        store.put("format", b"9")
        for command in ("status", "verify"):
            done = run(capsys, command, "--data", str(DATA))
            assert (done.code, "has format 9" in done.err) == (2, True)
