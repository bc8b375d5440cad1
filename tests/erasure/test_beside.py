"""Imports, questions and merges go on beside ``dlr prune`` and ``dlr forget``."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from dlr_analytics.erasure import forget as forget_module
from dlr_analytics.erasure import prune as prune_module
from dlr_analytics.erasure.forget import forget
from dlr_analytics.erasure.numbers import read_numbers
from dlr_analytics.erasure.prune import Erased, prune
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.receipts.insert import import_receipts
from tests.erasure.planted import NUMBER, holding
from tests.erasure.worlds import BEFORE, OLD, YOUNG, one
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.receivers import stored

ERASURES: dict[str, Callable[[Settings], Erased]] = {
    "prune": lambda settings: prune(settings, BEFORE, yes=True),
    "forget": lambda settings: forget(settings, read_numbers([NUMBER]), yes=True),
}


@pytest.mark.thorough
@pytest.mark.parametrize("erase", ERASURES.values(), ids=ERASURES)
def test_what_is_imported_and_merged_meanwhile_counts_once(
    tmp_path: Path, erase: Callable[[Settings], Erased]
) -> None:
    """And what a question sees meanwhile, too."""
    old = {"msisdn": NUMBER, "message_timestamp": OLD}
    for day in (YOUNG, YOUNG + dt.timedelta(days=1)):
        for n in range(3):
            receive(tmp_path, [one(f"old-{day.day}-{n}", day, **old)])
            receive(tmp_path, [one(f"young-{day.day}-{n}", day)])
    stay = {name: 1 for name in stored(tmp_path) if name.startswith("young")}
    left: list[Erased] = []
    running = threading.Thread(target=lambda: left.append(erase(Settings(data=tmp_path))))
    running.start()
    while running.is_alive() or len(stay) < 9:
        name = f"young-import-{len(stay)}"
        assert import_receipts(tmp_path, [one(name, YOUNG)]).new == 1
        stay[name] = 1
        seen = stored(tmp_path)
        assert {name: seen[name] for name in stay} == stay
        compact_day(tmp_path, YOUNG.date())
    running.join()
    assert [erased.left for erased in left] == [()]
    assert stored(tmp_path) == Counter(stay)
    assert holding(tmp_path) == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("module", "command"),
    [(prune_module, ("prune", f"--before={BEFORE}")), (forget_module, ("forget", NUMBER))],
    ids=ERASURES,
)
def test_files_that_are_merged_while_messages_are_selected_are_read_again(
    tmp_path: Path,
    module: ModuleType,
    command: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A damaged file is left out the second time too."""
    old = {"msisdn": NUMBER, "message_timestamp": OLD}
    receive(tmp_path, [one("old-1", OLD, **old)])
    (damaged,) = layout.receipts(tmp_path).rglob("*.parquet")
    damaged.write_bytes(damaged.read_bytes().replace(b"DLRSUM1", b"DLRSUM2"))
    receive(tmp_path, [one("old-2", YOUNG, **old)])
    real = module.count_selected
    for more in ((), ("--yes",)):
        receive(tmp_path, [one("young", YOUNG)])
        merges = iter([lambda: compact_day(tmp_path, YOUNG.date())])

        def merged(*arguments: object, _merges: Iterator[Callable[[], int]] = merges) -> object:
            for merge in _merges:
                assert merge() == 2
            return real(*arguments)

        monkeypatch.setattr(module, "count_selected", merged)
        done = run(capsys, *command, *more, "--data", tmp_path)
        assert (done.code, str(damaged) in done.err) == (1, True)
        assert "1 message, 1 receipt, 0 send records" in done.out
    assert stored(tmp_path) == Counter({"old-1": 1, "young": 2})
