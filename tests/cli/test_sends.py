"""``dlr sends``: counts on stdout, refused lines on stderr, exit status."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import dlr_analytics
from dlr_analytics.store.receipts.staging import ImportCounts
from tests.support.receivers import Running

DLR = (sys.executable, "-m", "dlr_analytics")

REPORT = (
    '"account_id","message_id","direction","from","to","date_received","currency","total_price"\n'
    '"abcd1234","0D","outbound","Acme","447700900004","2026-11-24T08:00:00+00:00","EUR","0.0333"\n'
)


def dlr_sends(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    command = [*DLR, "sends", "--data", "data", *files]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=60)


def rows(folder: Path, columns: str) -> list[tuple[object, ...]]:
    stored = f"read_parquet('{folder}/data/sends/*.parquet')"
    return duckdb.execute(f"select {columns} from {stored} order by all").fetchall()


def test_a_csv_is_recorded_once(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("message_id,sent_at\n0A,2026-11-24T08:00:00Z\n")
    first, second = dlr_sends(tmp_path, "log.csv"), dlr_sends(tmp_path, "log.csv")
    assert (first.returncode, first.stdout, first.stderr) == (
        0,
        "log.csv: 1 new, 0 known, 0 refused\n",
        "",
    )
    assert (second.returncode, second.stdout) == (0, "log.csv: 0 new, 1 known, 0 refused\n")
    found = rows(tmp_path, "message_id, strftime(sent_at, '%Y-%m-%d %H:%M:%S'), source")
    assert found == [("0A", "2026-11-24 08:00:00", "sends")]


def test_submit_responses_link_the_parts_of_an_sms(tmp_path: Path) -> None:
    parts = [{"message-id": name, "status": "0"} for name in ("0A", "0B")]
    response = {"message-count": "3", "messages": [*parts, {"status": "1"}]}
    line = json.dumps(response | {"sent_at": "2026-11-24T08:00:00Z"})
    (tmp_path / "log.jsonl").write_text(f"{line}\n")
    done = dlr_sends(tmp_path, "log.jsonl")
    expected = "log.jsonl: 2 new, 0 known, 0 refused, 1 not accepted by the API\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    assert rows(tmp_path, "message_id, sms_id, part, parts") == [
        ("0A", "0A", 1, 3),
        ("0B", "0A", 2, 3),
    ]


def test_a_zipped_report_is_read_where_it_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "SMS_1.zip", "w") as archive:
        archive.writestr("report_SMS.csv", REPORT)
    done = dlr_sends(tmp_path, "SMS_1.zip")
    assert done.stdout == "SMS_1.zip/report_SMS.csv: 1 new, 0 known, 0 refused\n"
    assert rows(tmp_path, "source, currency, price::varchar") == [("reports", "EUR", "0.03330000")]


def test_refused_lines_are_named_and_the_others_taken(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "message_id,sent_at\n0A,noon\n0B,2026-11-24 08:00:00\n,2026-11-24 08:00:00\n0C\n"
    )
    done = dlr_sends(tmp_path, "log.csv")
    assert (done.returncode, done.stdout) == (1, "log.csv: 1 new, 0 known, 3 refused\n")
    assert done.stderr.splitlines() == [
        "log.csv, line 2: sent_at 'noon' is not a time; write 2026-11-24T08:00:00Z",
        "log.csv, line 4: no message ID",
        "log.csv, line 5: 1 fields where the header has 2",
    ]


def test_the_list_of_refused_lines_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("message_id,sent_at\n" + "0A,noon\n" * 1000)
    done = dlr_sends(tmp_path, "log.csv")
    assert (done.returncode, done.stdout) == (1, "log.csv: 0 new, 0 known, 1000 refused\n")
    lines = done.stderr.splitlines()
    assert (len(lines), lines[-1]) == (21, "log.csv: 980 more lines refused")


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("nowhere.csv", None, "nowhere.csv: no such file; check the name"),
        (".", None, ".: is a folder; name the files in it"),
        ("log.csv", "id,when\n0A,noon\n", "log.csv: neither the columns message_id and sent_at"),
        ("log.csv", "\0\0", "log.csv: is not text"),
    ],
)
def test_misuse_is_one_line_and_exit_2(
    tmp_path: Path, file: str, content: str | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / file).write_text(content)
    done = dlr_sends(tmp_path, file)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"dlr: {complaint}")


def test_a_missing_file_is_named_before_any_is_read(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("message_id,sent_at\n0A,2026-11-24T08:00:00Z\n")
    done = dlr_sends(tmp_path, "log.csv", "nowhere.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "data").exists()


def test_without_a_file_there_is_nothing_to_do(tmp_path: Path) -> None:
    done = dlr_sends(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument 'FILE…'" in done.stderr


@pytest.mark.thorough
def test_record_sends_runs_beside_a_receiver(start: Callable[..., Running], tmp_path: Path) -> None:
    """No message loses its receipt or send time, in any order of writes."""
    receiver = start(seal_seconds="0.2")
    db = dlr_analytics.open(tmp_path / "data")
    for number in range(12):
        record = {"message-id": f"0A{number}", "sent_at": f"2026-11-24T08:00:{number:02d}Z"}
        body = f'{{"messageId":"0A{number}","status":"delivered"}}'
        assert db.record_sends([record, record]) == ImportCounts(new=1, known=1)
        assert receiver.ask("POST", body=body).code == 200
        assert db.record_sends([record]) == ImportCounts(new=0, known=1)
    found = db.messages.project("message_id, status, second(sent_at), receipts").fetchall()
    assert sorted(found) == sorted((f"0A{n}", "delivered", n, 1) for n in range(12))
