"""A long question says that it is being answered: in cells and terminals, never in a pipe."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from dlr_analytics.notebook import presenter
from dlr_analytics.notebook.waiting import waiting
from tests.support.data_directories import database
from tests.support.pipelines import receipt

CELL = """
import time
from dlr_analytics.notebook.waiting import waiting
with waiting("cost", 0.0):
    time.sleep(0.2)
with waiting("latency"):
    pass
"""


class Terminal(io.StringIO):
    """An stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_the_question_and_clears_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with waiting("cost", 0.0):
        while not terminal.getvalue():
            time.sleep(0.01)
    assert "cost: 0 s" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_quick_question_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with waiting("cost", 60.0):
        pass
    assert terminal.getvalue() == ""


def test_an_error_clears_the_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())

    def fail() -> None:
        while not terminal.getvalue():
            time.sleep(0.01)
        raise KeyError

    with pytest.raises(KeyError), waiting("cost", 0.0):
        fail()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_pipe_stays_empty(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("cost", 0.0):
        time.sleep(0.05)
    assert capfd.readouterr() == ("", "")


def test_each_question_is_waited_for_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def record(self: presenter.Notebook, question: str) -> object:
        asked.append(question)
        return waiting(question)

    monkeypatch.setattr(presenter.Notebook, "waiting", record)
    db = database(tmp_path, receipt("A"))
    db.delivery_rate()
    db.changes()
    db.sql("select 1")
    db.message("A")
    db.number("447700900001")
    _ = db.messages
    assert asked == ["delivery-rate", "changes", "sql", "message", "number", "messages"]


@pytest.mark.thorough
def test_a_cell_shows_the_question_and_in_the_end_nothing() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "display_data"
    assert output.data["text/plain"] == ""
