"""Questions while the files that they have listed are compacted: each is answered as if alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import dlr_analytics
from dlr_analytics.analysis.cache import refresh
from dlr_analytics.analysis.cache import snapshot as snapshot_module
from dlr_analytics.analysis.database import Database
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store import status
from dlr_analytics.store.receipts.compact import compact_day
from tests.support.data_directories import receive
from tests.support.pipelines import NOON, receipt

CALLS = {"stat", "lstat", "open", "scandir"}
"""Calls of the system before which files vanish."""

STATEMENTS = {"_run", "rows", "check_condition", "copy_relation", "as_naive_utc", "_count", "count"}
"""Functions of the package that run statements, in which DuckDB opens files."""

OTHER_FILES = {"statement", "shipped_digest"}
"""Functions that read files of the package."""

PACKAGE = str(Path(dlr_analytics.__file__).parent)

Site = tuple[str, tuple[tuple[CodeType, int], ...]]
Question = Callable[[Database], object]


def site(frame: FrameType, name: str) -> Site | None:
    """A call by its name and where it was made from; None outside of the package."""
    lines, depth = [], 0
    caller: FrameType | None = frame
    while caller is not None and depth < 8:
        if caller.f_code.co_filename.startswith(PACKAGE):
            lines.append((caller.f_code, caller.f_lineno))
        caller, depth = caller.f_back, depth + 1
    own = not lines or lines[0][0].co_name in OTHER_FILES
    return None if own else (name, tuple(lines[:2]))


def watched(question: Callable[[], object], at: Callable[[Site], bool]) -> object:
    """Answer a question; the calls in CALLS are passed to ``at`` until it returns True."""

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        name = frame.f_code.co_name if event == "call" else getattr(argument, "__name__", "")
        if name in {"c_call": CALLS, "call": STATEMENTS}.get(event, ()):
            found = site(frame, name)
            if found is not None and at(found):
                sys.setprofile(None)

    sys.setprofile(profile)
    try:
        return question()
    finally:
        sys.setprofile(None)


def compact_all(data: Path) -> None:
    """What ``dlr compact`` does with the day."""
    compact_day(data, NOON.date())
    settings = Settings(data=data)
    for _ in refresh.cache_batches(settings, refresh.plan_batches(settings, [NOON.date()])):
        pass


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A day of six sealed files, and two receipts that are not sealed."""
    data = tmp_path / "data"
    for number in range(6):
        receive(data, [receipt(f"0{number}", seconds=number, msisdn="447700900123")])
    receive(data, [receipt("0E", seconds=30)], seal=False)
    return data


QUESTIONS: dict[str, Question] = {
    "metric": lambda db: db.delivery_rate().rows(),
    "condition": lambda db: db.delivery_rate(where="network_code = '23410'").rows(),
    "statement": lambda db: db.sql("select count(*), min(received_at) from receipts").rows(),
    "message": lambda db: db.message("03").rows(),
    "status": lambda db: status.status(db.data).receipts,
    "relation": lambda db: db.messages.columns,
}


@pytest.mark.parametrize(
    ("asked", "many"),
    [
        ("status", 9),
        *(
            pytest.param(asked, many, marks=pytest.mark.slow)
            for asked in QUESTIONS
            for many in (0, 9)
        ),
    ],
)
def test_a_compaction_before_any_call_changes_no_answer(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, many: int
) -> None:
    monkeypatch.setattr(snapshot_module, "MANY_FILES", many)
    sites: dict[Site, None] = {}

    def record(found: Site) -> bool:
        sites[found] = None
        return False

    expected = watched(partial(ask, asked, data), record)
    for number, wanted in enumerate(sites):
        copy = shutil.copytree(data, tmp_path / f"copy-{number}")

        def compact_at(found: Site, copy: Path = copy, wanted: Site = wanted) -> bool:
            if found == wanted:
                sys.setprofile(None)
                compact_all(copy)
            return found == wanted

        assert watched(partial(ask, asked, copy), compact_at) == expected, wanted
        shutil.rmtree(copy)
    assert len(sites) > 3


def ask(asked: str, data: Path) -> object:
    """Ask a new database over a folder."""
    return QUESTIONS[asked](Database(Settings(data=data), PRESENTER))
