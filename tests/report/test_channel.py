"""A report is of SMS unless another channel is asked for, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt


@pytest.mark.thorough
def test_a_report_is_of_the_channel_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "data", tmp_path / "report.md"
    others = [receipt("b", channel="rcs"), receipt("c", "failed", channel="rcs")]
    receive(data, [receipt("a"), *others])

    def report(*options: str) -> str:
        shown = run(capsys, "report", "--data", data, "-o", file, *options)
        assert shown.code == 0
        return shown.out + file.read_text()

    sms, rcs, everything = report(), report("--channel", "rcs"), report("--channel", "all")
    assert "100.0% of 1 message" in sms
    assert "Of another channel than the one asked for" in sms
    assert "Channel" not in sms
    assert "50.0% of 2 messages" in rcs
    assert "Channel: rcs." in rcs
    assert "66.7% of 3 messages" in everything
    assert "All channels." in everything


def test_a_channel_without_messages_is_named_where_there_are_receipts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "data", tmp_path / "report.md"
    receive(data, [receipt("a")])
    shown = run(capsys, "report", "--data", data, "-o", file, "--channel", "whatsapp")
    assert shown.code == 0
    assert "holds receipts, but no message of channel whatsapp as of" in shown.err
    assert "--channel all" in shown.err
