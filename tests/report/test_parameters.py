"""A report of a month, a condition, a unit: it counts those, and says so in every format."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

import dlr_analytics as dlr
from dlr_analytics.report.formats import html, markdown
from dlr_analytics.report.gather.report import PARTS, gather
from dlr_analytics.report.model import Report
from dlr_analytics.webhook.receipt import Receipt
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

START = datetime(2026, 9, 30, 18)
HOSTILE = "# <script>alert(1)</script> </style>\"'\\`touch owned`$(touch owned) =1+1 |"
WHERE = "sender <> '`$(touch owned)` </p><script>|\"\\'"


def traffic() -> list[Receipt]:
    """Hourly messages around the beginning and the end of October, of two senders."""
    hours = [*range(24), *range(30 * 24, 33 * 24)]
    return [
        receipt(
            f"{n:04X}",
            "failed" if n % 5 == 0 else "delivered",
            received_at=START + timedelta(hours=hour),
            message_timestamp=START + timedelta(hours=hour),
            sender="Acme" if n % 3 else "Shop",
        )
        for n, hour in enumerate(hours)
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traffic") / "data"
    receive(folder, traffic())
    return folder


@pytest.mark.thorough
@pytest.mark.parametrize("tz", ["UTC", "America/Los_Angeles", "Asia/Kolkata"])
def test_a_month_is_of_its_days_in_the_zone_and_a_condition_of_its_messages(
    data: Path, tz: str
) -> None:
    made = gather(dlr.open(data), month="2026-10", tz=tz, where="sender = 'Shop'")
    zone = ZoneInfo(tz)
    selected = [
        each
        for each in traffic()
        if each.sender == "Shop"
        and each.message_timestamp is not None
        and each.message_timestamp.replace(tzinfo=UTC).astimezone(zone).month == 10
    ]
    assert made.tally.messages == len(selected) == sum(d.tally.messages for d in made.days)
    assert made.tally.delivered == sum(each.status == "delivered" for each in selected)
    assert (made.period.first, made.period.last) == (date(2026, 10, 1), date(2026, 10, 31))
    assert made.extent is not None
    assert made.extent.messages == len(traffic())


def test_a_period_may_be_counted_back_from_as_of(data: Path) -> None:
    made = gather(dlr.open(data), since="24h", as_of="2026-11-02T00:00")
    assert made.tally.messages == sum(
        datetime(2026, 11, 1) <= each.received_at <= datetime(2026, 11, 2) for each in traffic()
    )


class _Text(HTMLParser):
    """The text of a page by its element, and the names of all elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.tags = [""]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts[self.tags[-1]] = self.texts.get(self.tags[-1], "") + data


@pytest.mark.thorough
def test_a_hostile_title_and_condition_are_text_in_every_format(data: Path, tmp_path: Path) -> None:
    db = dlr.open(data)
    for name in ("a.html", "a.md", "a.xlsx"):
        assert db.report(tmp_path / name, title=HOSTILE, where=WHERE) == tmp_path / name
    page = _Text((tmp_path / "a.html").read_text("utf-8"))
    assert page.texts["title"].strip() == HOSTILE
    assert page.texts["p"].startswith(HOSTILE)
    assert f"Only messages where {WHERE.replace('`', chr(39))}." in page.texts["p"]
    assert (page.tags.count("script"), page.tags.count("style")) == (1, 1)
    text = (tmp_path / "a.md").read_text("utf-8")
    assert text.startswith("\\# &lt;script>")
    assert "<script" not in re.sub("`[^`]*`", "", text)
    summary = openpyxl.load_workbook(tmp_path / "a.xlsx")["Summary"]
    assert summary["A3"].value == HOSTILE
    assert summary["A3"].data_type == "s"
    assert f"Only messages where {WHERE.replace('`', chr(39))}." in summary["A2"].value


OPTIONS: Sequence[dict[str, str]] = (
    {"month": "2026-10", "tz": "Asia/Kolkata"},
    {"since": "2026-10-30", "until": "2026-11-01T12:30", "as_of": "2026-11-01T20:00"},
    {"month": "2026-10", "where": "sender <> '`x` \\ $HOME | \" \n '", "title": HOSTILE},
    {"where": "  country\t=  'GB'", "unit": "sms", "channel": "all", "target": "97.5%"},
)


@pytest.mark.thorough
@pytest.mark.parametrize("options", OPTIONS, ids="-".join)
def test_the_command_in_the_definitions_makes_the_same_report_again(
    data: Path, tmp_path: Path, options: dict[str, str]
) -> None:
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    dlr.open(data).report(first, **options)
    (command,) = re.findall("^Made by .*?: `(.*)`$", first.read_text("utf-8"), re.MULTILINE)
    python = shlex.join([sys.executable, "-m", "dlr_analytics"])
    script = f'dlr() {{ {python} "$@"; }}\n{command} -o {second}'
    subprocess.run(["bash", "-c", script], check=True, capture_output=True)
    assert second.read_bytes() == first.read_bytes()
    assert "owned" not in {path.name for path in Path.cwd().iterdir()}


@pytest.mark.thorough
@pytest.mark.parametrize("ending", [".html", ".md", ".xlsx"])
def test_a_condition_that_selects_nothing_is_reported_with_the_range_of_the_data(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    file = tmp_path / f"a{ending}"
    none = ("--where", "country = '`X`'", "--month", "2026-10")
    done = run(capsys, "report", "--data", data, "-o", file, *none)
    assert done.code == 0
    assert done.out.startswith("No messages between 1 and 31 October 2026\n")
    if ending == ".xlsx":
        cells = [str(c.value) for row in openpyxl.load_workbook(file)["Summary"] for c in row]
        text = "\n".join(cells)
    else:
        text = file.read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "No messages between 1 and 31 October 2026" in text
    assert "30 September to 2 November 2026 (96 messages)" in text
    assert "None of this period is a message where country = " in text


def test_a_target_is_a_line_of_the_trend_and_named_in_its_caption(
    report: Report, tmp_path: Path
) -> None:
    aimed = replace(report, request=replace(report.request, target=0.975))
    lines, captions = [], []
    for made in (report, aimed):
        page = html.render(made)
        lines.append(page.count('class="target"'))
        captions.append("%; target 97.5% · dashed line: target · band" in page)
        assert ("all messages, %; target 97.5%\n" in markdown.render(made)) == captions[-1]
    assert lines == [0, 2]
    assert captions == [False, True]


@pytest.mark.thorough
def test_parts_that_are_counted_as_one_are_said_to_be(data: Path) -> None:
    assert "count as one" not in markdown.render(gather(dlr.open(data)))
    counted = markdown.render(gather(dlr.open(data), unit="sms"))
    assert "The parts of a long SMS count as one message." in counted
    assert "One SMS: the parts that a send log links count as one" in counted


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--month", "2026-13"), "month: '2026-13' is no month; write it like 2026-11"),
        (("--month", "2026-11", "--since", "7d"), "month and since are both given"),
        (("--month", "2026-11", "--until", "2026-12"), "month and until are both given"),
        (("--title", "x" * 10_000), "title has 10,000 characters; give at most 200"),
        (("--target", "95"), "target: '95' is no rate"),
        (("--unit", "word"), "unknown unit 'word'"),
        (("--where", "read_text('/etc/passwd') <> ''"), "where: "),
        (("--where", "true; select 1"), "where: "),
        (("--where", "nosuch = 1"), "nosuch"),
        (("--where", ""), "where"),
        (("--where", "\udcff"), "where: "),
        (("-o", "no/a.html"), "no folder no"),
    ],
)
def test_a_bad_option_is_one_line_and_writes_nothing(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(capsys, "report", "--data", data, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_progress_is_shown_on_a_terminal_only(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = {}
    for kind in (Terminal, io.StringIO):
        stderr = kind()
        monkeypatch.setattr(sys, "stderr", stderr)
        dlr.open(data).report(tmp_path / "a.md")
        shown[kind] = stderr.getvalue()
    assert "a.md" in shown[Terminal]
    assert f"/{PARTS + 1} " in shown[Terminal]
    assert shown[io.StringIO] == ""


def test_each_part_that_is_gathered_is_told_to_the_progress(data: Path) -> None:
    told: list[None] = []
    gather(dlr.open(data), lambda: told.append(None))
    assert len(told) == PARTS
