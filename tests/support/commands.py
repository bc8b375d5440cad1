"""Runs ``dlr`` in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from dlr_analytics.cli.main import main


@dataclass(frozen=True)
class Done:
    """What a command left: its exit status and what it wrote."""

    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Done:
    """Carry out ``dlr`` with these arguments."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return Done(ended.value.code, out, err)
