"""Questions while the files that they have listed are compacted: each is answered as if alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
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
from dlr_analytics.store import layout, status
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.receipts.exchange import exchange
from tests.support.data_directories import receive
from tests.support.pipelines import NOON, receipt

pytestmark = pytest.mark.thorough

CALLS = {"stat", "lstat", "open", "scandir"}
"""Calls of the system before which files vanish."""

STATEMENTS = {"_run", "rows", "check_condition", "copy_relation", "as_naive_utc", "_count", "count"}
"""Functions of the package that run statements, in which DuckDB opens files."""

OTHER_FILES = {"statement", "shipped_digest", "waiting"}
"""Functions that read files of the package."""

SCRATCH = "spill.py"
"""The module of files that no compaction touches: each process has its own."""

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
    scratch = any(Path(code.co_filename).name == SCRATCH for code, _ in lines[:2])
    return None if own or scratch else (name, tuple(lines[:2]))


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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day of six sealed files, and two receipts that are not sealed."""
    data = tmp_path_factory.mktemp("asked") / "data"
    for number in range(6):
        receive(data, [receipt(f"0{number}", seconds=number, msisdn="447700900123")])
    receive(data, [receipt("0E", seconds=30)], seal=False)
    return data


@pytest.fixture(scope="module")
def compacted(data: Path) -> Path:
    """What ``dlr compact`` makes of it."""
    copy = shutil.copytree(data, data.with_name("compacted"))
    compact_day(copy, NOON.date())
    settings = Settings(data=copy)
    for _ in refresh.cache_batches(settings, refresh.plan_batches(settings, [NOON.date()])):
        pass
    return copy


def become(data: Path, compacted: Path) -> None:
    """Exchange the folders of a data directory that ``dlr compact`` exchanges, as it does."""
    day = f"receipts/{layout.day_folder(NOON.date())}"
    exchange(compacted / day, data / day)
    layout.messages(compacted).rename(layout.messages(data))


QUESTIONS: dict[str, Question] = {
    "metric": lambda db: db.delivery_rate().rows(),
    "condition": lambda db: db.delivery_rate(where="network_code = '23410'").rows(),
    "statement": lambda db: db.sql("select count(*), min(received_at) from receipts").rows(),
    "message": lambda db: db.message("03").rows(),
    "status": lambda db: status.status(db.data).receipts,
    "relation": lambda db: db.messages.columns,
}


@pytest.fixture(scope="module", params=[0, 9])
def many(request: pytest.FixtureRequest) -> Iterator[int]:
    """More new files than these are read into memory: all six, or none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot_module, "MANY_FILES", request.param)
        yield request.param


@pytest.fixture(scope="module")
def calls(data: Path, many: int) -> dict[str, list[Site]]:
    """The calls that each question makes: those of no question before it, and the last of others.

    What all questions share, taking a snapshot, is tried once; what becomes of it in each.
    """
    assert many in {0, 9}
    wanted, seen = {}, set()
    for asked in QUESTIONS:
        made = recorded(asked, data)
        assert len(made) > 3
        new = [number for number, found in enumerate(made) if found not in seen]
        before = {number - 1 for number in new if number} | {len(made) - 1}
        wanted[asked] = [made[number] for number in sorted({*new, *before})]
        seen.update(made)
    return wanted


def recorded(asked: str, data: Path) -> list[Site]:
    """All calls of a question, in the order in which they are first made."""
    sites: dict[Site, None] = {}

    def record(found: Site) -> bool:
        sites[found] = None
        return False

    watched(partial(ask, asked, data), record)
    return list(sites)


@pytest.mark.parametrize(
    "asked",
    [pytest.param(asked, marks=pytest.mark.slow) for asked in QUESTIONS if asked != "status"]
    + ["status"],
)
def test_a_compaction_before_any_call_changes_no_answer(
    data: Path, compacted: Path, calls: dict[str, list[Site]], tmp_path: Path, asked: str
) -> None:
    expected = ask(asked, data)
    for number, wanted in enumerate(calls[asked]):
        copy = shutil.copytree(data, tmp_path / f"copy-{number}")
        after = shutil.copytree(compacted, tmp_path / f"compacted-{number}")

        def compact_at(
            found: Site, copy: Path = copy, after: Path = after, wanted: Site = wanted
        ) -> bool:
            if found == wanted:
                sys.setprofile(None)
                become(copy, after)
            return found == wanted

        assert watched(partial(ask, asked, copy), compact_at) == expected, wanted
        assert layout.messages(copy).exists(), wanted
        shutil.rmtree(copy)


def ask(asked: str, data: Path) -> object:
    """Ask a new database over a folder."""
    return QUESTIONS[asked](Database(Settings(data=data), PRESENTER))
