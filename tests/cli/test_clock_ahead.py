"""Receipts of a clock that was far ahead: each command that answers says that there are some."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dlr_analytics.store import layout
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

SAID = "dlr: 1 receipts are more than a day ahead of the clock: dlr verify\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A receipt, and one of the year 2099 that another program has written."""
    receive(tmp_path / "data", [receipt("0A")])
    folder = layout.receipts(tmp_path / "data") / "received_date=2099-01-01"
    folder.mkdir()
    duckdb.sql(
        "copy (select timestamp '2099-01-01' as received_at, '0B' as message_id,"
        f" 'accepted' as status) to '{folder / 'theirs.parquet'}'"
    )
    return tmp_path / "data"


@pytest.mark.thorough
@pytest.mark.parametrize(
    "words",
    [
        ("query", "delivery-rate"),
        ("query", "cost", "--where", "network_code = '23410'"),
        ("query", "errors", "--as-of", "2026-11-20"),
        ("sql", "select 1"),
        ("report",),
        ("status",),
    ],
    ids=" ".join,
)
def test_they_are_named_on_stderr(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(capsys, *words, "--data", data)
    assert (done.code, done.err) == (0, SAID)
    (layout.receipts(data) / "received_date=2099-01-01" / "theirs.parquet").unlink()
    assert run(capsys, *words, "--data", data).err == ""
