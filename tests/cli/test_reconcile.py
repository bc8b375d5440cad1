"""``dlr reconcile``: rows, exit status, and files that are broken or something else."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

HEADER = "account_id,message_id,direction,to,network,date_received,date_finalized,status"
HEADER += ",currency,total_price"
ROW = "abcd1234,0A,outbound,447700900001,23410,2026-11-03T12:00:00+0000,2026-11-03T12:00:05+0000"
SAME = f"{ROW},delivered,EUR,0.03330000"
OTHER = f"{ROW},failed,EUR,0.05"
MISSING = SAME.replace("0A", "0B")
COLUMNS = [
    *("currency", "messages", "received", "missing", "other_status", "other_price"),
    *("cost", "missing_cost", "price_difference"),
]
DIFFERENCE = [
    *("message_id", "network_code", "day", "currency", "difference", "reported", "received"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One receipt, of message 0A."""
    receive(tmp_path / "data", [receipt()])
    return tmp_path / "data"


def export(data: Path, *rows: str, name: str = "export.csv") -> Path:
    file = data.with_name(name)
    file.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return file


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (SAME, 0),
        (SAME.replace("delivered", "DELIVRD"), 0),
        (SAME.replace(",delivered", ",accepted"), 0),
        (MISSING.replace(",delivered", ",buffered"), 0),
        (SAME.replace("EUR", "USD").replace("0.0333", "9"), 0),
        (SAME.replace("0.03330000", ""), 0),
        (MISSING.replace("outbound", "inbound"), 0),
        (SAME.replace("447700900001", "4477*******01"), 0),
        (SAME.replace("447700900001", "4.477E+11"), 0),
        (MISSING, 1),
        (SAME.replace("delivered", "expired"), 1),
        (SAME.replace("0.03330000", "0.03330001"), 1),
    ],
)
def test_the_exit_status_says_whether_something_differs(
    data: Path, row: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for options in ((), ("--list",), ("--by", "network_code,day")):
        done = run(capsys, "reconcile", "--data", data, export(data, row), *options)
        assert done.code == code


def test_a_row_a_currency_with_exact_money(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(data, OTHER, MISSING, MISSING.replace("0B", "0C").replace("EUR", "USD"))
    done = run(capsys, "reconcile", "--data", data, file, "--format", "json")
    assert json.loads(done.out) == [
        dict(zip(COLUMNS, row, strict=True))
        for row in (
            ["EUR", 2, 1, 1, 1, 1, "0.08330000", "0.03330000", "0.01670000"],
            ["USD", 1, 0, 1, 0, 0, "0.03330000", "0.03330000", "0.00000000"],
        )
    ]


@pytest.mark.parametrize("form", ["table", "csv", "json", "md"])
def test_the_list_is_printed_in_each_format(
    data: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(data, OTHER, MISSING)
    done = run(capsys, "reconcile", "--data", data, file, "--list", "--format", form)
    assert (done.code, done.err) == (1, "")
    expected: list[list[str | None]] = [
        ["0A", "23410", "2026-11-03", "EUR", "status", "failed", "delivered"],
        ["0A", "23410", "2026-11-03", "EUR", "price", "0.05000000", "0.03330000"],
        ["0B", "23410", "2026-11-03", "EUR", "missing", "delivered", None],
    ]
    if form == "json":
        assert [list(row.values()) for row in json.loads(done.out)] == expected
    elif form == "csv":
        texts = [[text or "" for text in row] for row in expected]
        assert list(csv.reader(io.StringIO(done.out))) == [DIFFERENCE, *texts]
    else:
        assert len(done.out.splitlines()) == (4 if form == "table" else 5)


def test_by_groups_in_order_with_null_last(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (MISSING.replace("23410", ""), MISSING.replace("0B", "0C"), SAME)
    options = ("--by", "day,network_code", "--format", "csv")
    done = run(capsys, "reconcile", "--data", data, export(data, *rows), *options)
    assert [line.split(",")[:5] for line in done.out.splitlines()] == [
        ["day", "network_code", "currency", "messages", "received"],
        ["2026-11-03", "23410", "EUR", "2", "1"],
        ["2026-11-03", "", "EUR", "1", "0"],
    ]


def test_an_imported_export_is_still_missing(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its columns are called, and whether it was imported, read by sends, or both."""
    file = export(data, MISSING)
    spelt = data.with_name("spelt.csv")
    spelt.write_text(file.read_text().replace("date_received", "Date Received"), encoding="utf-8")
    for command in ("import", "sends"):
        for each in (file, spelt):
            assert run(capsys, command, "--data", data, each).code == 0
    done = run(capsys, "reconcile", "--data", data, file, "--format", "csv")
    assert done.out.splitlines()[1].startswith("EUR,1,0,1,")


def test_imported_bodies_and_access_logs_are_received(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = data.with_name("bodies.jsonl")
    body.write_text('{"messageId": "0B", "status": "delivered", "price": "0.0333"}\n')
    log = data.with_name("access.log")
    query = "messageId=0C&status=delivered&price=0.0333"
    log.write_text(
        f'192.0.2.1 - - [03/Nov/2026:12:00:02 +0000] "GET /dlr?{query} HTTP/1.1" 200 0\n'
    )
    assert run(capsys, "import", "--data", data, body, log).code == 0
    file = export(data, MISSING, MISSING.replace("0B", "0C"))
    assert run(capsys, "reconcile", "--data", data, file).code == 0


def test_the_row_that_ended_last_counts_in_whatever_file_it_stands(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_one = SAME.replace("2026-11-03T12:00:05+0000", "").replace("delivered", "accepted")
    earlier = SAME.replace("12:00:05", "12:00:01").replace("delivered", "failed")
    first = export(data, SAME, earlier, name="first.csv")
    second = export(data, open_one, name="second.csv")
    for files in ((first, second), (second, first)):
        assert run(capsys, "reconcile", "--data", data, *files).code == 0


def test_only_a_header_is_an_export_of_nothing(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "reconcile", "--data", data, export(data), "--format", "csv")
    assert (done.code, done.out.splitlines()[1:]) == (0, ["EUR,0,0,0,0,0,,,"])
    done = run(capsys, "reconcile", "--data", data, export(data), "--list", "--format", "json")
    assert (done.code, done.out) == (0, "[]\n")


def test_an_answer_without_records_is_an_export_of_nothing(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data.with_name("answer.json")
    file.write_text('{"request_status": "SUCCESS", "items_count": 0, "records": []}')
    assert run(capsys, "reconcile", "--data", data, file).code == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"name,city\nAda,London\n",
        b"message_id,sent_at\n0A,2026-11-03T12:00:00Z\n",
        b'{"messageId": "0A", "status": "delivered"}\n',
        b'{"message": "no export"}',
        b"hello",
        b"\0\1\2",
        b"PAR1",
        gzip.compress(HEADER.encode(), mtime=0)[:-12],
        gzip.compress(b"name,city\n", mtime=0),
        b"PK\5\6" + bytes(18),
    ],
)
def test_what_is_no_export_is_refused_in_one_line(
    data: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data.with_name("export.csv")
    file.write_bytes(content)
    done = run(capsys, "reconcile", "--data", data, file)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert str(file) in done.err


def test_a_truncated_export_is_compared_as_far_as_it_goes_and_named(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data.with_name("export.csv.gz")
    text = "\n".join([HEADER, *(SAME.replace("0A", f"{n:06}") for n in range(9_000))])
    packed = gzip.compress(text.encode())
    file.write_bytes(packed[: len(packed) // 2])
    done = run(capsys, "reconcile", "--data", data, file, "--format", "csv")
    assert done.code == 1
    assert 0 < int(done.out.splitlines()[1].split(",")[1]) < 9_000
    assert "does not unpack" in done.err


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (SAME.replace("2026-11-03T12:00:00+0000", "yesterday"), "date_received 'yesterday'"),
        (SAME.replace("0A", ""), "no message ID"),
        (SAME.replace("0A", "1.2E+15"), "lost digits"),
        (f"{SAME},more", "11 fields where the header has 10"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_no_success(
    data: Path, row: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "reconcile", "--data", data, export(data, SAME, row), "--format", "csv")
    assert (done.code, done.out.splitlines()[1][:8]) == (1, "EUR,1,1,")
    assert "line 3: " in done.err
    assert reason in done.err


def test_another_file_in_an_archive_is_named(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data.with_name("export.zip")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.writestr("export.csv", f"{HEADER}\n{SAME}\n")
    done = run(capsys, "reconcile", "--data", data, file)
    assert done.code == 1
    assert "readme.txt" in done.err


def test_what_is_left_out_is_counted(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(data, SAME, MISSING.replace("outbound", "inbound"))
    done = run(capsys, "reconcile", "--data", data, file)
    assert (done.code, done.err) == (0, f"{file}: left out: 1 inbound messages\n")


def test_the_export_of_another_account_is_named(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(data, MISSING.replace("abcd1234", "ffff0000"))
    done = run(capsys, "reconcile", "--data", data, file)
    assert done.code == 1
    assert (
        done.err == "dlr: no receipt is of account ffff0000 of the export; they are of abcd1234\n"
    )


def test_a_folder_without_receipts_gives_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    file = export(tmp_path / "data", SAME)
    done = run(capsys, "reconcile", "--data", tmp_path / "data", file)
    assert done.code == 1
    assert "no receipts" in done.err


@pytest.mark.parametrize(
    "wrong", [("--by", "country"), ("--by", "x=1"), ("--format", "x"), ("missing.csv",), (".",)]
)
def test_wrong_usage_is_an_error_in_one_line(
    data: Path, wrong: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "reconcile", "--data", data, export(data, SAME), *wrong)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


def test_a_missing_folder_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(tmp_path / "none", SAME)
    done = run(capsys, "reconcile", "--data", tmp_path / "none", file)
    assert (done.code, done.out) == (2, "")
