"""What is sent to the store for a question, and what is said where the store fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from obstore.store import MemoryStore

import dlr_analytics
from dlr_analytics.analysis.cache.places import lister
from dlr_analytics.analysis.database import Database
from dlr_analytics.bucket import files
from dlr_analytics.bucket.access import open_store, read_address
from dlr_analytics.errors import (
    BucketMissing,
    BucketRefused,
    BucketUnreachable,
    DamagedFile,
    UsageError,
)
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import closed_days, compact
from tests.support.buckets import Bucket, upload
from tests.support.cache import EVER, refresh_cache
from tests.support.commands import run
from tests.support.counted_s3 import Requests, counted
from tests.support.memory_buckets import (
    DATA,
    SAMPLE,
    cells,
    copy_sample,
    database,
    stored_in,
    uploaded,
)


@pytest.fixture
def requests(s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Requests]:
    """Everything that this process asks the S3 server."""
    with counted(s3.endpoint) as (endpoint, found):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        yield found


@pytest.fixture(scope="module")
def compacted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Days of the sample, all but the last compacted and cached; no test changes it."""
    folder = copy_sample(tmp_path_factory.mktemp("compacted") / "data")
    days = closed_days(folder, EVER)
    list(compact(folder, days[:-1]))
    refresh_cache(folder, days[-1])
    return folder


@pytest.mark.thorough
def test_a_question_sends_no_head_and_the_next_one_no_get(
    s3: Bucket, requests: Requests, compacted: Path, record_property: Callable[[str, object], None]
) -> None:
    """Against an S3 server; the answers are those of the folder."""
    upload(compacted, open_store(read_address(s3.url)))
    requests.clear()
    bucket, folder = dlr_analytics.open(s3.url), dlr_analytics.open(compacted)
    first = bucket.delivery_rate(by="network_code")
    seen = dict(requests.kinds)
    stored = sum(path.is_file() for path in compacted.rglob("*"))
    assert max(requests.objects.values()) == 1  # each object once, and whole
    read = [path for path in requests.objects if path.rpartition("/")[2].startswith("z-")]
    assert len(read) < 5  # compacted days are cached: only for late receipts, of 72 hours
    assert 0 < seen["GET"] <= stored
    assert seen == {"LIST": 2, "GET": seen["GET"]}  # of opening, and of the question
    assert cells(first) == cells(folder.delivery_rate(by="network_code"))
    requests.clear()
    again = bucket.latency(by="day")
    assert requests.kinds == {"LIST": 1}
    assert cells(again) == cells(folder.latency(by="day"))
    requests.clear()
    narrowed = bucket.cost(where="country = 'GB'")  # on a connection of its own
    assert requests.kinds == {"LIST": 1}
    assert cells(narrowed) == cells(folder.cost(where="country = 'GB'"))
    figures = f"first question {seen['GET']} GET, {stored} files, 0 HEAD; the next 0 GET"
    record_property("figures", figures)


@pytest.mark.thorough
def test_what_a_keeper_publishes_is_read_with_its_cache(
    s3: Bucket,
    requests: Requests,
    compacted: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From `dlr publish` to `dlr query`: the same cells, and few receipts are read."""
    keeper = shutil.copytree(compacted, tmp_path / "keeper")
    (keeper / "networks.csv").write_text("network_code,country,network\n23410,GB,Mine\n")
    refresh_cache(keeper, closed_days(keeper, EVER)[-1])
    published = run(capsys, "publish", s3.url, "--data", keeper)
    assert published.code == 0, published.err
    asked = ["query", "cost", "--by", "network,day", "--format", "csv", "--data"]
    expected = run(capsys, *asked, keeper)
    requests.clear()
    assert run(capsys, *asked, s3.url) == expected
    assert "Mine" in expected.out
    assert requests.kinds["HEAD"] == 0
    assert sum("/receipts/" in path for path in requests.objects) < 6


def test_a_large_object_is_read_in_ranges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file beyond the size that is read whole, only the column of the statement."""
    file = tmp_path / "large.parquet"
    columns = ", ".join(f"hash(range + {n}) as c{n}" for n in range(8))
    with duckdb.connect() as connection:
        connection.execute(f"copy (select {columns} from range(200_000)) to '{file}'")
    read: list[int] = []
    get = files.Bucket.get

    def measured(bucket: files.Bucket, stored: files.Stored, start: int, end: int) -> bytes:
        read.append(end - start)
        return get(bucket, stored, start, end)

    monkeypatch.setattr(files.Bucket, "get", measured)
    with uploaded(SAMPLE) as store, duckdb.connect() as connection:
        store.put("receipts/large.parquet", file.read_bytes())
        lister(DATA)().files.attach(connection)
        sum_of = "select sum(c0) from 's3://sms/live/receipts/large.parquet'"
        found = connection.execute(sum_of).fetchall()
        assert found == connection.execute(f"select sum(c0) from '{file}'").fetchall()
        once = sum(read)
        assert files.SMALL < once < file.stat().st_size / 4
        assert connection.execute(sum_of).fetchall() == found
    assert sum(read) == once


def failing(data: str, kind: type[Exception], capsys: pytest.CaptureFixture[str]) -> str:
    """What Python raises and the command prints, the same one line."""
    with pytest.raises(kind) as raised:
        dlr_analytics.open(data).delivery_rate()
    done = run(capsys, "query", "delivery-rate", "--data", data)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"dlr: {raised.value}\n"
    return done.err


def test_a_bucket_that_does_not_exist(s3: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    said = failing("s3://no-such-bucket/live", BucketMissing, capsys)
    assert "there is no bucket no-such-bucket" in said


def test_a_prefix_without_data(s3: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    open_store(read_address(s3.url)).put("elsewhere/receipts/x.parquet", b"")
    assert f"no data in {s3.url}" in failing(s3.url, BucketMissing, capsys)


def test_no_credentials(
    s3: Bucket, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "there are no credentials" in failing(s3.url, BucketRefused, capsys)


def test_a_store_that_does_not_answer(
    s3: Bucket, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert "does not answer" in failing(s3.url, BucketUnreachable, capsys)


def test_objects_that_may_be_listed_and_not_read(
    s3: Bucket, requests: Requests, capsys: pytest.CaptureFixture[str]
) -> None:
    upload(SAMPLE, open_store(read_address(s3.url)))
    denied = b"<Error><Code>AccessDenied</Code></Error>"
    requests.fault = lambda method, target, status, body: (
        (403, denied) if "received_date" in target else (status, body)
    )
    assert "access denied" in failing(s3.url, BucketRefused, capsys)


@pytest.mark.thorough
def test_an_answer_that_is_cut_short_is_no_answer(
    s3: Bucket, requests: Requests, capsys: pytest.CaptureFixture[str]
) -> None:
    upload(SAMPLE, open_store(read_address(s3.url)))
    requests.fault = lambda method, target, status, body: (
        (status, body[:-100]) if "2026-11-01" in target else (status, body)
    )
    assert "is cut short" in failing(s3.url, DamagedFile, capsys)


def test_an_object_that_is_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    """A Parquet file of receipts that was put without its end."""
    with uploaded(SAMPLE) as store:
        (path,) = list(layout.receipts(SAMPLE).rglob("*.parquet"))[:1]
        name = path.relative_to(SAMPLE).as_posix()
        store.put(name, path.read_bytes()[:-500])
        assert name in failing("s3://sms/live", DamagedFile, capsys)


def answers(db: Database) -> list[object]:
    return [cells(db.delivery_rate(by="network_code")), cells(db.latency()), len(db.messages)]


@pytest.fixture(scope="module")
def expected(compacted: Path) -> list[object]:
    """The answers of the folder."""
    return answers(dlr_analytics.open(compacted))


@pytest.mark.thorough
@pytest.mark.parametrize("missing", ["_kept.json", ".scts_offsets", ".scts_votes", "/"])
def test_a_half_published_cache_changes_no_figure(
    missing: str, compacted: Path, expected: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """The manifest is not there yet, or not all that it names; all but the manifest is gone."""
    with uploaded(compacted) as store:
        names = [one["path"] for chunk in store.list("messages") for one in chunk]
        gone = [name for name in names if missing in name.removeprefix("messages/")]
        assert gone
        assert answers(database()) == expected
        assert caplog.messages == []
        store.delete(gone)
        assert answers(database()) == expected
    (said,) = caplog.messages
    assert "messages in s3://sms/live/messages are not used" in said


@pytest.mark.thorough
@pytest.mark.parametrize("contents", [b"", b"{", b"[1]", b'{"basis": 1}'])
def test_a_manifest_that_is_cut_short_changes_no_figure(
    contents: bytes, compacted: Path, expected: list[object]
) -> None:
    with uploaded(compacted) as store:
        store.put("messages/_kept.json", contents)
        assert answers(database()) == expected


def test_a_cached_file_that_is_cut_short_is_named(
    compacted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with uploaded(compacted) as store:
        path = min(layout.messages(compacted).rglob("*.parquet"))
        name = path.relative_to(compacted).as_posix()
        store.put(name, path.read_bytes()[:-50])
        assert name in failing("s3://sms/live", DamagedFile, capsys)


def test_a_manifest_of_other_files_changes_no_figure(
    compacted: Path, expected: list[object], tmp_path: Path
) -> None:
    """The compacted files are published, their cache is that of before."""
    store = MemoryStore()
    upload(copy_sample(tmp_path / "data"), store)
    cache = tmp_path / "cache"
    shutil.copytree(layout.messages(compacted), cache / "messages")
    upload(cache, store)
    with stored_in(store):
        assert answers(database()) == expected


def test_nothing_is_recorded_in_a_bucket() -> None:
    with uploaded(SAMPLE) as store:
        before = [one["path"] for chunk in store.list() for one in chunk]
        with pytest.raises(UsageError, match="DLR_SHIP_TO"):
            database().record_sends([])
        with pytest.raises(Exception, match="folder of this machine"):
            database().receipts.write_parquet("s3://sms/live/x.parquet")
        assert [one["path"] for chunk in store.list() for one in chunk] == before


def test_statements_read_the_bucket_and_conditions_only_its_data() -> None:
    name = next(iter(layout.receipts(SAMPLE).rglob("*.parquet"))).relative_to(SAMPLE)
    with uploaded(SAMPLE) as store:
        store.put("other/x.csv", b"a\n1\n")
        db = database()
        for pattern in ("receipts/*/*.parquet", name):
            text = f"select count(*) > 0 from read_parquet('s3://sms/live/{pattern}')"
            assert db.sql(text).rows() == [(True,)]
        for url in ("s3://other/x.parquet", "s3://sms/live/none.parquet"):
            with pytest.raises(UsageError, match="No files found"):
                db.sql(f"from read_parquet('{url}')")
        with pytest.raises(UsageError):
            db.cost(where="price in (select a from 's3://sms/live/other/x.csv')")
        with pytest.raises(UsageError):
            db.sql("copy receipts to 's3://sms/live/y.parquet'")


def test_the_quarantine_and_notebooks_of_a_bucket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with uploaded(SAMPLE):
        done = run(capsys, "quarantine", "--data", "s3://sms/live")
        assert done == run(capsys, "quarantine", "--data", SAMPLE)
        file = tmp_path / "n.ipynb"
        assert run(capsys, "notebook", "latency", "-o", file, "--data", "s3://sms/live").code == 0
        assert "s3://sms/live" in file.read_text()
