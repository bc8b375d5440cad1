"""Data directories that earlier states of this package wrote: ``python -m tests.support.earlier``.

Makes ``tests/data/earlier/<date>`` anew: of the last commit before the end of each day in DAYS, and
of the present one. The package as it was then is taken from git and run as a program: it imports
and merges, records send times, caches messages, hashes numbers, and receives over HTTP; what a
crash would leave then is copied. What it answers itself is beside each of its two folders, as JSON.
Numbers are those for fiction.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "tests" / "data" / "earlier"
DAYS: Final = ("2026-11-24", "2026-11-28")
"""The package as it was at the end of these days (UTC)."""

KEY: Final = "a key for tests"
NUMBER: Final = "447700900123"
"""The number that is in each kind of file."""

BEFORE: Final = "2026-10-06"
"""The date before which tests prune."""

QUESTIONS: Final = {
    "rate": ("query", "delivery-rate", "--by", "network_code,day"),
    "since": ("query", "delivery-rate", "--by", "network_code,day", "--since", BEFORE),
    "cost": ("query", "cost", "--by", "network_code"),
    "errors": ("query", "errors", "--by", "network_code"),
    "messages": (
        "sql",
        """select message_id, msisdn, sender, network_code, client_ref, status, final, err_code,
        price, currency, receipts, duplicates, sent_at, sent_at_source, message_time
        from messages order by message_id""",
    ),
    "receipts": (
        "sql",
        """select message_id, msisdn, status, err_code, price, scts, message_timestamp, client_ref
        from receipts order by all""",
    ),
}
"""What each state is asked, by name."""

_STATUSES: Final = ("delivered", "failed", "accepted", "delivered", "expired", "delivered")


class State:
    """The package as it was at one commit.

    Parameters
    ----------
    code : path
        A folder with its ``dlr_analytics``.
    """

    def __init__(self, code: Path) -> None:
        self.code = code

    def command(self, *arguments: str | Path, **environment: str) -> str:
        """Run ``dlr`` and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "dlr_analytics", *map(str, arguments)],
            env=self._environment(environment),
            cwd=self.code,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def receiver(self, data: Path, **environment: str) -> Iterator[str]:
        """Run a receiver and give its address."""
        options = ("--data", str(data), "--port", "0", "--admin-port", "0")
        process = subprocess.Popen(
            [sys.executable, "-m", "dlr_analytics", "receive", *options],
            env=self._environment(environment),
            cwd=self.code,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert process.stdout is not None
            address = re.search(r"https?://[\w.:]+", process.stdout.readline())
            assert address is not None
            yield f"{address[0]}/webhooks/delivery-receipt"
        finally:
            process.kill()
            process.communicate()

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("DLR_")}
        return inherited | {"PYTHONPATH": str(self.code)} | more

    def answers(self, data: Path) -> dict[str, list[list[Any]]]:
        """What it says of a data directory: for each question the columns, then the rows."""
        options = ("--data", data, "--format", "json")
        answers = {}
        for name, question in QUESTIONS.items():
            rows = json.loads(self.command(*question, *options))
            answers[name] = [list(rows[0]), *(list(row.values()) for row in rows)]
        return answers


def commit_of(day: str) -> str:
    """The last commit of a day, in UTC; empty where there is no history."""
    command = ("git", "-C", str(ROOT), "log", "-1", "--format=%H", f"--until={day}T23:59:59+00:00")
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


@contextlib.contextmanager
def state_at(commit: str) -> Iterator[State]:
    """The package at a commit, in a temporary folder."""
    command = ("git", "-C", str(ROOT), "archive", commit, "dlr_analytics")
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield State(Path(folder))


def receipts(days: range, part: str) -> list[dict[str, str]]:
    """Receipts of six messages a day, one with two, one repeated."""
    made = []
    for day in days:
        for n in range(6):
            time = f"2026-10-{day:02d} {8 + n:02d}:00"
            one = {
                "msisdn": NUMBER if n == 3 else f"4477009002{n:02d}",
                "to": "Acme",
                "network-code": ("23410", "21407", "310260")[n % 3],
                "messageId": f"{part}-{day}-{n}",
                "price": f"0.0{n}330000",
                "status": _STATUSES[n],
                "scts": time[2:].translate({ord(c): None for c in "- :"}),
                "err-code": "0" if _STATUSES[n] in ("accepted", "delivered") else str(n),
                "message-timestamp": f"{time}:07",
                "client-ref": f"call +44 7700 900123, order {n}" if n == 5 else f"order {n}",
            }
            made += [one, one] if n == 4 else [one]
            if n == 2:
                made.append(one | {"status": "delivered", "message-timestamp": f"{time}:40"})
    return made


def make(state: State, folder: Path) -> None:
    """Fill two folders, ``data`` and ``hashed``, and write its answers of each."""
    for name, options in (("data", {}), ("hashed", {"DLR_MSISDN": "hash", "DLR_MSISDN_KEY": KEY})):
        with tempfile.TemporaryDirectory() as written:
            data = Path(written) / "data"
            first, late, sent = (Path(written) / f"{n}.jsonl" for n in ("first", "late", "sent"))
            days = range(5, 8) if name == "data" else range(5, 7)
            write(first, receipts(days, "a"))
            write(late, receipts(range(6, 7), "b"))
            sends = [
                f"a-{day}-{n},2026-10-{day:02d}T{8 + n:02d}:00:00Z" for day in days for n in (0, 3)
            ]
            sent.with_suffix(".csv").write_text("\n".join(["message_id,sent_at", *sends, ""]))
            state.command("import", first, "--data", data, **options)
            state.command("sends", sent.with_suffix(".csv"), "--data", data, **options)
            state.command("compact", "--data", data, **options)
            state.command("import", late, "--data", data, **options)
            with state.receiver(data, DLR_SEAL_SECONDS="3600", **options) as url:
                for one in receipts(range(8, 9), "c"):
                    post(url, json.dumps(one))
                post(url, f'{{"to": "+{NUMBER}", "messageId"')
                # What a crash would leave now: the worker of a killed receiver may still seal.
                shutil.copytree(data, folder / name)
        answers = state.answers(folder / name)
        (folder / f"{name}.json").write_text(_text(answers))


def write(file: Path, rows: list[dict[str, str]]) -> None:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def _text(answers: dict[str, list[list[Any]]]) -> str:
    """JSON with a row on each line."""
    parts = [
        f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, rows)) + "\n]"
        for name, rows in answers.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def post(url: str, body: str) -> None:
    with urllib.request.urlopen(url, body.encode(), timeout=30) as answer:
        assert answer.status == 200


def main() -> None:
    """Make all of them anew."""
    today = subprocess.run(
        ("git", "-C", str(ROOT), "log", "-1", "--format=%cs"), capture_output=True, text=True
    ).stdout.strip()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for day in (*DAYS, today):
        (FOLDER / day).mkdir(parents=True)
        with state_at(commit_of(day) if day in DAYS else "HEAD") as state:
            make(state, FOLDER / day)


if __name__ == "__main__":
    main()
