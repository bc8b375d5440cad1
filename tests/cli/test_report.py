"""``dlr report``: the file, the summary, and errors in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path("tests/data/sample").resolve()
DLR = (sys.executable, "-m", "dlr_analytics", "report")


def report(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DLR_")}
    return subprocess.run(
        [*DLR, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, timeout=120
    )


@pytest.mark.thorough
def test_it_writes_report_html_here_and_says_number_and_rate(tmp_path: Path) -> None:
    done = report("--data", str(SAMPLE), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    sentence, path = done.stdout.splitlines()
    assert path == "report.html"
    share, _, rest = sentence.partition("% of ")
    number = rest.partition(" messages")[0]
    text = (tmp_path / path).read_text(encoding="utf-8")
    assert f"<h1>{share}% of messages were delivered</h1>" in text
    assert f"{number} messages to " in text


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["a.md", "a.xlsx", "a.html"])
def test_the_ending_picks_the_format(tmp_path: Path, name: str) -> None:
    done = report("--data", str(SAMPLE), "-o", name, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == name
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "a.docx"), "unknown ending '.docx'"),
        (("-o", "no/a.html"), "no folder no"),
        (("--since", "yesterdayish"), "since: 'yesterdayish' is no date"),
        (("--since", "2026-11-20", "--until", "2026-11-10"), "is after until"),
        (("--tz", "Europe/Londn"), "did you mean 'Europe/London'?"),
        (("--data", "nowhere"), "no folder nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = report(*("--data", str(SAMPLE)), *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_gets_a_hint_and_no_empty_chart(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    done = report(cwd=tmp_path)
    assert done.returncode == 0
    assert "dlr receive" in done.stderr
    assert done.stdout.splitlines() == ["No messages yet", "report.html"]
    assert "<svg" not in (tmp_path / "report.html").read_text(encoding="utf-8")
