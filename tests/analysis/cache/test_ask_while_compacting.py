"""Questions beside `dlr compact`, over more small files than are read one by one."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.analysis.cache import places
from dlr_analytics.analysis.cache.snapshot import MANY_FILES
from dlr_analytics.analysis.database import Database
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.listing import Listing, list_data
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

DAYS = 10
FILES = MANY_FILES + 10
PAUSE = 0.05

QUESTIONS: dict[str, Callable[[Database], object]] = {
    "statement": lambda db: db.sql("select count(*) from receipts").rows(),
    "metric": lambda db: db.quality().rows(),
    "condition": lambda db: db.delivery_rate(where="network_code = '23410'").rows(),
    "columns": lambda db: db.receipts.columns,
    "emptiness": lambda db: db.is_empty(),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten days of 110 files of one receipt each."""
    data = tmp_path / "data"
    for number in range(DAYS):
        receive(data, [receipt(f"0{number}", seconds=number * 86_400)])
    for folder in layout.receipts(data).iterdir():
        (sealed,) = folder.iterdir()
        for number in range(1, FILES):
            shutil.copyfile(sealed, folder / f"copy-{number:06d}.parquet")
    return data


def list_slowly(data: Path) -> Listing:
    """A listing that is some time old when its files are opened."""
    listing = list_data(data)
    time.sleep(PAUSE)
    return listing


@pytest.mark.thorough
def test_questions_beside_a_compaction_are_answered_as_without_it(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(asked: str) -> object:
        return QUESTIONS[asked](Database(Settings(data=data), PRESENTER))

    expected = {asked: ask(asked) for asked in QUESTIONS}
    monkeypatch.setattr(places, "list_data", list_slowly)
    command = [sys.executable, "-m", "dlr_analytics", "compact", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as compacting:
        for asked in itertools.cycle(QUESTIONS):
            if compacting.poll() is not None:
                break
            assert ask(asked) == expected[asked], asked
    assert compacting.returncode == 0
    folders = list(layout.receipts(data).iterdir())
    assert [len(list(folder.iterdir())) for folder in folders] == [1] * DAYS
