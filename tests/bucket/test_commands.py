"""What the commands say about buckets: one line, exit status 2, and nothing changed."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest

import dlr_analytics
from dlr_analytics.errors import UsageError
from tests.bucket.directories import contents, receive
from tests.support.buckets import Bucket
from tests.support.commands import Done, run
from tests.support.receivers import DLR

COMMANDS = pytest.mark.parametrize("command", ["pull", "publish"])


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with receipts; also of commands that are not given one."""
    data = tmp_path / "data"
    receive(data, "1")
    monkeypatch.chdir(tmp_path)
    return data


def refused(done: Done, text: str) -> None:
    """One line on stderr, and exit status 2."""
    assert done.code == 2
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert line.startswith("dlr: ")
    assert text in line


@COMMANDS
def test_a_bucket_that_does_not_exist_is_named(
    command: str, data: Path, s3: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(data)
    done = run(capsys, command, "s3://no-such-bucket/live", "--data", data)
    refused(done, "there is no bucket no-such-bucket; check the address and AWS_ENDPOINT_URL")
    assert contents(data) == before


@COMMANDS
def test_missing_credentials_are_named(
    command: str,
    data: Path,
    s3: Bucket,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run(capsys, command, s3.url, "--data", data)
    refused(done, f"no credentials for {s3.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")


@COMMANDS
def test_a_store_that_does_not_answer_is_named(
    command: str,
    data: Path,
    s3: Bucket,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    done = run(capsys, command, s3.url, "--data", data)
    refused(done, "the store at http://127.0.0.1:1 does not answer")


@COMMANDS
@pytest.mark.parametrize("address", ["s3:/sms/live", "sms/live", "s3://", "s3://SMS/live", ""])
def test_a_malformed_address_is_refused_with_an_example(
    command: str, address: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, command, address, "--data", data)
    refused(done, f"{address!r} is no address of a bucket; give an address like s3://bucket/prefix")


@COMMANDS
def test_a_missing_extra_is_named(
    command: str,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = run(capsys, command, "s3://sms/live", "--data", data)
    refused(done, "obstore is not installed, which s3://sms/live needs; pip install 'dlr_analytics")


def test_a_prefix_without_receipts_is_named_and_makes_no_folder(
    data: Path, s3: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    new = data.with_name("new")
    done = run(capsys, "pull", f"{s3.url}/nothing", "--data", new)
    refused(done, f"{s3.url}/nothing has no receipts; check the prefix, or ship there first")
    assert not new.exists()


def test_a_damaged_object_is_named_with_exit_status_2_and_the_others_are_fetched(
    data: Path, s3: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "publish", s3.url, "--data", data).code == 0
    (data / "receipts" / "short.parquet").write_bytes(b"PAR1")
    assert run(capsys, "publish", s3.url, "--data", data).code == 0
    new = data.with_name("new")
    done = run(capsys, "pull", s3.url, "--data", new)
    assert (done.code, done.out) == (2, "1 files fetched; 0 were here\n")
    assert done.err == (
        f"dlr: {s3.url}/receipts/short.parquet is no whole Parquet file;"
        " delete it, or restore it from a backup\n"
    )


def test_a_damaged_compacted_file_here_is_named(
    data: Path, s3: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "publish", s3.url, "--data", data).code == 0
    (name,) = contents(data)
    (data / name).with_name("z-000001-0123456789abcdef.parquet").write_bytes(b"PAR1 none PAR1")
    refused(run(capsys, "pull", s3.url, "--data", data), "run dlr verify to see which")


def test_publishing_a_folder_that_does_not_exist_makes_none(
    data: Path, s3: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    new = data.with_name("new")
    refused(run(capsys, "publish", s3.url, "--data", new), f"no folder {new}")
    assert not new.exists()


REFUSED = [
    ["import", "x.csv"],
    ["sends", "x.csv"],
    ["compact"],
    ["quarantine", "--replay"],
    ["prune", "--before", "2026-01-01"],
    ["forget", "447700900123"],
    ["pull", "s3://sms/live"],
    ["publish", "s3://sms/live"],
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_a_receiver_that_ships_refuses_what_needs_all_files(
    arguments: list[str],
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DLR_SHIP_TO", "s3://sms/live")
    before = contents(data)
    done = run(capsys, *arguments, "--data", data)
    refused(done, " does not work where DLR_SHIP_TO is set")
    assert "run it on the keeper, between dlr pull and dlr publish" in done.err
    assert contents(data) == before


def test_send_times_are_not_recorded_where_files_are_shipped(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLR_SHIP_TO", "s3://sms/live")
    with pytest.raises(UsageError, match="record_sends does not work where DLR_SHIP_TO is set"):
        dlr_analytics.open(data).record_sends(
            [{"message_id": "1", "sent_at": dt.datetime(2026, 11, 24)}]
        )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"DLR_SHIP_TO": "s3:/sms"}, "DLR_SHIP_TO: 's3:/sms' cannot be used; give an address like"),
        ({"DLR_SHIP_TO": ""}, "DLR_SHIP_TO: '' cannot be used; give an address like s3://bucket"),
        ({"DLR_SHIP_KEEP_DAYS": "-1"}, "give a whole number from 0 to 36500"),
        (
            {"DLR_SHIP_TO": "s3://sms", "DLR_COMPACT_AT": "03:00"},
            "both DLR_SHIP_TO and DLR_COMPACT_AT are set; remove DLR_COMPACT_AT",
        ),
    ],
)
def test_a_receiver_does_not_start_with_settings_that_cannot_be_used(
    variables: dict[str, str], text: str, data: Path
) -> None:
    command = [*DLR, "receive", "--data", str(data), "--port=0", "--admin-port=0"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **variables}, timeout=60
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert text in line


def test_a_receiver_does_not_start_without_the_extra(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLR_SHIP_TO", "s3://sms/live")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("dlr_analytics.receiver.logging.configure_logging", lambda form: None)
    refused(run(capsys, "receive", "--data", data, "--port=0"), "obstore is not installed")
