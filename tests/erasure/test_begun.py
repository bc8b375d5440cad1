"""What a killed run began: ``dlr status`` names it, and each of three commands finishes it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dlr_analytics.erasure import forget, prune
from dlr_analytics.store.sends import Send, record_sends
from tests.erasure.planted import NUMBER, holding
from tests.erasure.worlds import BEFORE, OLD, YOUNG, one, sent
from tests.support.commands import run
from tests.support.data_directories import receive, store
from tests.support.receivers import stored

BEGUN = {
    "prune": (prune, ("prune", f"--before={BEFORE}")),
    "forget": (forget, ("forget", NUMBER)),
}
FINISHING = {
    "prune": ("prune", "--before=2020-01-01", "--yes"),
    "forget": ("forget", "447700900999", "--yes"),
    "compact": ("compact",),
}
"""None of them would remove the message by itself."""


@pytest.fixture(params=BEGUN)
def begun(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The command that was stopped before its first change."""
    receive(tmp_path, [one("old", OLD, msisdn=NUMBER), one("young", OLD, message_timestamp=YOUNG)])
    store(tmp_path, one("OLD", YOUNG, message_timestamp=OLD))
    record_sends(tmp_path, [Send("old", OLD), Send("young", YOUNG)])
    module, command = BEGUN[request.param]

    def stopped(*_: object) -> list[str]:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(module, "carry_out", stopped)
        assert run(capsys, *command, "--yes", "--data", tmp_path).code == 2
    assert stored(tmp_path) == Counter({"old": 1, "OLD": 1, "young": 1})
    return str(request.param)


@pytest.mark.thorough
@pytest.mark.parametrize("finishing", FINISHING.values(), ids=FINISHING)
def test_each_command_finishes_what_another_began(
    begun: str, finishing: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = run(capsys, "status", "--data", tmp_path).out
    assert f"unfinished      dlr {begun}; run again" in shown
    if "--yes" in finishing:
        said = run(capsys, *finishing[:-1], "--data", tmp_path)
        assert (said.code, "1 message, 2 receipts, 1 send record" in said.out) == (1, True)
    done = run(capsys, *finishing, "--data", tmp_path)
    assert (done.code, done.err) == (0, "")
    assert stored(tmp_path) == Counter({"young": 1})
    assert sent(tmp_path) == ["young"]
    assert holding(tmp_path) == []
    assert "unfinished      none" in run(capsys, "status", "--data", tmp_path).out
