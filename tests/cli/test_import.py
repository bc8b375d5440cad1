"""``dlr import``: prints counts, refuses single lines, imports nothing twice."""

from __future__ import annotations

import gzip
import json
import os
import pty
import random
import subprocess
import sys
import termios
import zipfile
import zlib
from pathlib import Path

import duckdb
import pytest

DLR = (sys.executable, "-m", "dlr_analytics")
BODY = (
    '{"messageId":"0A00","msisdn":"447700900001","to":"Acme","status":"delivered",'
    '"message-timestamp":"2026-11-23 08:00:00"}\n'
)
LOGGED = (
    '192.0.2.1 - - [23/Nov/2026:09:00:01 +0100] "GET /dlr?messageId=0B00&status=failed HTTP/1.1"'
    ' 200 2 "-" "-"\n'
)


def dlr(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DLR, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
        env=os.environ | settings,
    )


def rows(folder: Path, columns: str) -> list[tuple[object, ...]]:
    stored = f"read_parquet('{folder}/data/receipts/*/*.parquet')"
    return duckdb.execute(f"select {columns} from {stored} order by all").fetchall()


def test_files_of_several_forms_are_imported_once(tmp_path: Path) -> None:
    (tmp_path / "bodies.jsonl").write_text(BODY)
    (tmp_path / "access.log.1.gz").write_bytes(gzip.compress(LOGGED.encode()))
    files = ("import", "bodies.jsonl", "access.log.1.gz")
    first, second = dlr(tmp_path, *files), dlr(tmp_path, *files)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == [
        "bodies.jsonl: 1 new, 0 known, 0 refused",
        "access.log.1.gz: 1 new, 0 known, 0 refused",
    ]
    assert second.stdout.splitlines() == [
        "bodies.jsonl: 0 new, 1 known, 0 refused",
        "access.log.1.gz: 0 new, 1 known, 0 refused",
    ]
    assert rows(tmp_path, "message_id, received_at::varchar, source, received_date::varchar") == [
        ("0A00", "2026-11-23 08:00:00", "import", "2026-11-23"),
        ("0B00", "2026-11-23 08:00:01", "import", "2026-11-23"),
    ]


def test_simulated_receipts_come_in_as_the_truth_says(tmp_path: Path) -> None:
    world = ("--messages", "500", "--seed", "5", "--end", "2026-11-23", "-o", "world.jsonl")
    assert dlr(tmp_path, "simulate", *world).returncode == 0
    truth = json.loads((tmp_path / "world.jsonl.truth.json").read_text())
    done = dlr(tmp_path, "import", "world.jsonl")
    refused, empty = truth["quarantined"], truth["empty"]
    counts = f"{truth['receipts']} new, 0 known, {refused} refused, {empty} empty requests"
    assert done.stdout == f"world.jsonl: {counts}\n"
    assert (done.returncode, len(done.stderr.splitlines())) == (1, refused)


def test_refused_lines_are_named_and_the_others_taken(tmp_path: Path) -> None:
    (tmp_path / "bodies.jsonl").write_text('{"status":"failed"}\n' + BODY + BODY[:20])
    done = dlr(tmp_path, "import", "bodies.jsonl")
    assert (done.returncode, done.stdout) == (1, "bodies.jsonl: 1 new, 0 known, 2 refused\n")
    first, second = done.stderr.splitlines()
    assert first == "bodies.jsonl, line 1: no message ID"
    assert second.startswith("bodies.jsonl, line 3: not JSON: ")


def test_numbers_are_stored_as_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "bodies.jsonl").write_text(BODY)
    assert dlr(tmp_path, "import", "bodies.jsonl", DLR_MSISDN="mask").returncode == 0
    ((msisdn, raw),) = rows(tmp_path, "msisdn, raw")
    assert msisdn == "44********01"
    assert "447700900001" not in str(raw)


def test_imported_receipts_ask_for_no_signature(tmp_path: Path) -> None:
    (tmp_path / "bodies.jsonl").write_text(BODY)
    done = dlr(tmp_path, "import", "bodies.jsonl", DLR_SIGNATURE_SECRET="s3cret")
    assert done.stdout == "bodies.jsonl: 1 new, 0 known, 0 refused\n"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"a,b\n1,2\n", "given: no column with the message ID: 'a,b'; give JSON, CSV"),
        (b"PAR1\0\0", "given: is Parquet; copy it into receipts/"),
        (b"\x7fELF\0\0", "given: is not text"),
        (gzip.compress(BODY.encode(), mtime=0)[:15], "given: does not unpack"),
    ],
)
def test_a_file_of_something_else_is_one_line_and_exit_2(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    (tmp_path / "given").write_bytes(content)
    done = dlr(tmp_path, "import", "given")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"dlr: {complaint}")


def zipped(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def body(n: int, day: int) -> str:
    result = {"messageId": f"{n:06X}", "status": "delivered"}
    return json.dumps(result | {"message-timestamp": f"2026-11-{day:02d} 08:00:00"}) + "\n"


@pytest.mark.thorough
def test_an_archive_of_thousands_of_files_is_imported_as_one_file(tmp_path: Path) -> None:
    members = {f"{n}.jsonl": body(n, 20 + n % 3).encode() for n in range(3000)}
    zipped(tmp_path / "given.zip", members)
    (tmp_path / "given.jsonl").write_bytes(b"".join(members.values()))
    done = dlr(tmp_path, "import", "given.zip")
    assert done.stdout == "given.zip: 3000 new, 0 known, 0 refused, in 3000 files\n"
    assert len(list(tmp_path.glob("data/receipts/*/*.parquet"))) == 3
    again = dlr(tmp_path, "import", "given.jsonl", "given.zip").stdout.splitlines()
    assert [line.partition(": ")[2].partition(" refused")[0] for line in again] == [
        "0 new, 3000 known, 0"
    ] * 2


@pytest.mark.thorough
def test_the_memory_for_an_archive_does_not_grow_with_its_files(tmp_path: Path) -> None:
    code = (
        "import resource, runpy, sys\n"
        "sys.argv = ['dlr', 'import', sys.argv[1]]\n"
        "try: runpy.run_module('dlr_analytics', run_name='__main__')\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    peaks = []
    for number in (1, 2000):
        lines = "".join(body(n, 20) for n in range(40_000 // number)).encode()
        zipped(tmp_path / f"{number}.zip", {f"{n}.jsonl": lines for n in range(number)})
        done = subprocess.run(
            [sys.executable, "-c", code, f"{number}.zip"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
        )
        peaks.append(int(done.stdout.splitlines()[-1]))
    assert peaks[1] < 1.3 * peaks[0]


def test_a_file_in_an_archive_that_cannot_be_read_is_refused_alone(tmp_path: Path) -> None:
    bad = {"readme.txt": b"see below\n", "logo.png": b"\x89PNG\r\n\0\0", "c.csv": b"a,b\n1,2\n"}
    zipped(tmp_path / "given.zip", {"a.jsonl": BODY.encode()} | bad | {"b.log": LOGGED.encode()})
    done = dlr(tmp_path, "import", "given.zip")
    assert (done.returncode, done.stdout) == (
        1,
        "given.zip: 2 new, 0 known, 3 refused, in 5 files\n",
    )
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == [
        f"given.zip/{name}" for name in bad
    ]
    zipped(tmp_path / "bad.zip", bad)
    none = dlr(tmp_path, "import", "bad.zip")
    assert (none.returncode, none.stdout, len(none.stderr.splitlines())) == (2, "", 1)


def test_a_refused_line_in_an_archive_is_named_with_its_file(tmp_path: Path) -> None:
    zipped(tmp_path / "given.zip", {"a.jsonl": BODY.encode(), "b.jsonl": b'\n{"status": "x"}\n'})
    done = dlr(tmp_path, "import", "given.zip")
    assert done.stderr == "given.zip/b.jsonl, line 2: no message ID\n"


def test_nothing_of_an_archive_with_a_wrong_checksum_is_imported(tmp_path: Path) -> None:
    zipped(tmp_path / "given.zip", {"a.jsonl": BODY.encode(), "b.jsonl": LOGGED.encode()})
    content = (tmp_path / "given.zip").read_bytes()
    crc = zlib.crc32(LOGGED.encode()).to_bytes(4, "little")
    (tmp_path / "given.zip").write_bytes(content.replace(crc, b"\1\2\3\4"))
    done = dlr(tmp_path, "import", "given.zip")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is corrupt, nothing of it was imported" in done.stderr
    assert not list(tmp_path.glob("data/receipts/*/*.parquet"))


def test_send_times_in_an_archive_are_recorded_as_one_file(tmp_path: Path) -> None:
    one = "message_id,sent_at\n{:04X},2026-11-23 07:59:00\n"
    zipped(tmp_path / "given.zip", {f"{n}.csv": one.format(n).encode() for n in range(300)})
    done = dlr(tmp_path, "sends", "given.zip")
    assert done.stdout == "given.zip: 300 new, 0 known, 0 refused, in 300 files\n"
    assert len(list(tmp_path.glob("data/sends/*.parquet"))) == 1


def test_an_empty_file_has_counts_of_zero(tmp_path: Path) -> None:
    (tmp_path / "given").touch()
    done = dlr(tmp_path, "import", "given")
    assert (done.returncode, done.stdout) == (0, "given: 0 new, 0 known, 0 refused\n")


def test_progress_is_shown_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "bodies.jsonl").write_text(BODY)
    terminal, inside = pty.openpty()
    termios.tcsetwinsize(inside, (24, 80))
    command = [*DLR, "import", "bodies.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=inside, timeout=60)
    os.close(inside)
    shown = os.read(terminal, 10_000)
    os.close(terminal)
    assert b"%|" in shown
    assert done.stdout == b"bodies.jsonl: 1 new, 0 known, 0 refused\n"


HOSTILE = {
    "UTF-16": (BODY.encode("utf-16"), (1, 0)),
    "byte order mark": (BODY.encode("utf-8-sig"), (1, 0)),
    "CRLF, no end": (BODY.strip().encode() + b"\r\n" + BODY.replace("0A", "0B").encode(), (2, 0)),
    "latin-1": (BODY.replace("Acme", "B\xe4cker").encode("latin-1"), (1, 0)),
    "NUL in a field": (BODY.replace("Acme", "A\\u0000").encode(), (1, 0)),
    "a line of NUL bytes": (
        BODY.encode() + b"\0" * 9 + b"\n" + BODY.replace("0A", "0B").encode(),
        (2, 1),
    ),
    "NUL bytes in a table": (b"messageId,status\n0A,delivered\n0B,fai\0\0ed\n", (1, 1)),
    "a line of 10 MB": (BODY.encode() + b"{" + b"x" * 10**7 + b"\n" + BODY[:-2].encode(), (1, 2)),
    "gzip cut short": (gzip.compress(BODY.encode() * 9)[:-9], (9, 1)),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_it_is_written_in_good_lines_are_taken_and_bad_ones_refused(
    tmp_path: Path, name: str
) -> None:
    content, (new, refused) = HOSTILE[name]
    (tmp_path / "given").write_bytes(content)
    done = dlr(tmp_path, "import", "given")
    assert done.stdout == f"given: {new} new, 0 known, {refused} refused\n"
    assert done.returncode == (1 if refused else 0)
    assert done.stderr.count("given, line ") == refused


@pytest.mark.slow
def test_a_file_larger_than_the_memory_it_takes_is_imported_and_known(tmp_path: Path) -> None:
    """Receipts of the maximum size, so that few make a large file."""
    with (tmp_path / "bodies.jsonl").open("w") as file:
        for number in range(8000):
            day, filler = number % 28 + 1, random.randbytes(29_000).hex()
            stamp = f'"message-timestamp":"2026-10-{day:02d} 08:00:00"'
            file.write(f'{{"messageId":"{number:016X}",{stamp},"x":"{filler}"}}\n')
    size = (tmp_path / "bodies.jsonl").stat().st_size
    for counts in ("8000 new, 0 known", "0 new, 8000 known"):
        found, peak = measured(tmp_path, "import", "bodies.jsonl")
        assert found == f"bodies.jsonl: {counts}, 0 refused\n"
        assert peak < 400_000_000 < size


WATCHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A small process in between, since the peak memory of a child begins at its parent's."""


def measured(folder: Path, *arguments: str) -> tuple[str, int]:
    """Output of a command, and its peak memory in bytes."""
    command = [sys.executable, "-c", WATCHED, *DLR, *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    *found, peak = done.stdout.splitlines(keepends=True)
    return "".join(found), int(peak) * (1 if sys.platform == "darwin" else 1024)
