"""Own dimensions of a report: a table each, and findings, with the call that lists the messages."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import openpyxl
import pytest

import dlr_analytics as dlr
from dlr_analytics.analysis.dimensions import By
from dlr_analytics.report.changes import Loss
from dlr_analytics.report.formats import html, markdown
from dlr_analytics.report.gather.own import MOST_VALUES
from dlr_analytics.report.gather.report import gather
from dlr_analytics.report.model import Report
from dlr_analytics.webhook.receipt import Receipt
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

START = datetime(2026, 10, 1)
DAYS = 24
CAMPAIGN = {"campaign": "split_part(client_ref, '-', 1)"}
NAMES = ("spring", "it's 10%", "codes", None)


def traffic() -> list[Receipt]:
    """Messages of four campaigns, of which one is refused on four days."""
    made = []
    for n in range(DAYS * 60):
        day, name = n // 60, NAMES[n % 4]
        refused = name == "it's 10%" and 16 <= day < 20 and n % 5
        made.append(
            receipt(
                f"{n:04X}",
                "rejected" if refused or n % 30 == 0 else "delivered",
                received_at=START + timedelta(days=day, minutes=n % 60),
                message_timestamp=START + timedelta(days=day, minutes=n % 60),
                err_code=6 if refused else 0,
                sender=("Acme", "Shop", "Codes")[n % 3],
                network_code=("23410", "23415")[n // 4 % 2],
                client_ref=None if name is None else f"{name}-{n}",
            )
        )
    return made


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "data"
    receive(folder, traffic())
    return folder


@pytest.fixture
def teams(data: Path) -> Path:
    """A table of the team of each sender, two of three."""
    file = data.parent / "teams.csv"
    file.write_text("sender,team\nAcme,blue\nShop,red\n", encoding="utf-8")
    return file


def found(report: Report) -> tuple[Loss, ...]:
    """The losses among the findings."""
    return tuple(each for each in report.findings if isinstance(each, Loss))


@pytest.mark.thorough
def test_each_value_has_a_row_that_adds_up_with_the_others(data: Path) -> None:
    made = gather(dlr.open(data), by=CAMPAIGN)
    (campaigns,) = made.own
    assert campaigns.name == "campaign"
    assert {group.name for group in campaigns.groups} == set(NAMES)
    assert sum(group.tally.messages for group in campaigns.groups) == made.tally.messages
    assert campaigns.groups[-1].name is None


@pytest.mark.thorough
def test_an_incident_of_a_value_is_found_and_its_call_lists_the_messages(data: Path) -> None:
    made = gather(dlr.open(data), by=CAMPAIGN)
    (loss,) = found(made)
    assert loss.scope == (("campaign", "it's 10%"),)
    assert loss.subject == "Campaign it's 10%"
    assert (loss.first.day, loss.last.day, loss.lasts) == (17, 20, False)
    assert (loss.spread, loss.spread_of) == (2, 2)
    assert loss.cause is not None
    assert loss.cause.err_codes == (6,)
    assert dict(made.examined.own) == {"campaign": 3}
    words = [sys.executable, "-m", "dlr_analytics", *shlex.split(loss.call)[1:]]
    listed = subprocess.run([*words, "--format", "json"], check=True, capture_output=True)
    expected = {each.message_id for each in traffic() if each.err_code == 6}
    assert {row["message_id"] for row in json.loads(listed.stdout)} == expected


def test_without_the_dimension_the_loss_is_not_assigned_to_it(data: Path) -> None:
    made = gather(dlr.open(data))
    assert made.own == ()
    assert all("campaign" not in dict(loss.scope) for loss in found(made))


@pytest.mark.thorough
def test_every_format_has_the_tables_and_the_finding(
    data: Path, teams: Path, tmp_path: Path
) -> None:
    db = dlr.open(data)
    db.register("teams", teams, on="sender")
    by: By = [CAMPAIGN, "team", "weekday"]
    for ending in ("html", "md", "xlsx", "eml"):
        db.report(tmp_path / f"a.{ending}", by=by)
    page, text = ((tmp_path / f"a.{ending}").read_text("utf-8") for ending in ("html", "md"))
    mail = message_from_bytes((tmp_path / "a.eml").read_bytes(), policy=policy.default)
    body = mail.get_body(("html",))
    assert body is not None
    for name in ("campaign", "team", "weekday"):
        title = f"Delivery rate by {name}"
        assert f"<h2>{title}</h2>" in page
        assert f"## {title}\n" in text
        assert title in body.get_content()
    for written in (page, text, body.get_content(), mail.get_body(("plain",)).get_content()):  # type: ignore[union-attr]
        assert "10%: " in written.replace("&#39;", "'")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert {"By campaign", "By team", "By weekday"} <= set(book.sheetnames)
    assert [row[0].value for row in book["By team"]][4:] == ["blue", "red", "Other values, or none"]
    assert "Campaign it's 10%: " in str(book["What stands out"]["B5"].value)


@pytest.mark.thorough
def test_the_command_makes_the_same_report_again(data: Path, teams: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    db = dlr.open(data)
    db.register("teams", teams, on="sender")
    db.report(first, by=["team", CAMPAIGN], where="team <> 'red'")
    (command,) = re.findall("^Made by .*?: `(.*)`$", first.read_text("utf-8"), re.MULTILINE)
    words = [sys.executable, "-m", "dlr_analytics", *shlex.split(command)[1:], "-o", str(second)]
    subprocess.run(words, check=True, capture_output=True)
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.thorough
def test_rare_values_are_added_up(data: Path) -> None:
    made = gather(dlr.open(data), by={"each": "message_id"})
    (dimension,) = made.own
    names = [group.name for group in dimension.groups]
    assert len(names) == MOST_VALUES + 1
    assert names[-1] is None
    assert sum(group.tally.messages for group in dimension.groups) == made.tally.messages


@pytest.mark.thorough
def test_a_dimension_that_depends_on_how_messages_ended_hides_no_incident(data: Path) -> None:
    ended = {"ended": "case when status = 'delivered' then 'converted' else 'not' end"}
    (loss,) = found(gather(dlr.open(data), by=[CAMPAIGN, ended]))
    assert dict(loss.scope)["campaign"] == "it's 10%"


def test_a_value_of_strangers_is_text_in_every_format(found_own: Report) -> None:
    first, *others = found_own.own
    hostile = replace(first.groups[0], name="<script>alert(1)</script> | `a`")
    made = replace(found_own, own=(replace(first, groups=(hostile,)), *others))
    assert "<script>alert(1)" not in html.render(made)
    assert "<script" not in re.sub("`[^`]*`", "", markdown.render(made))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("by", "said"),
    [
        (("country",), "by: the report is by country anyway; leave it out"),
        (("day",), "by: the report is by day anyway"),
        (("status,final,source", "api_key"), "by: 4 dimensions are too many for a report"),
        (("nosuch",), "unknown column 'nosuch'"),
        (("campaign=max(sender)",), "by: campaign: "),
        (("campaign=sender; select 1",), "by: campaign: "),
        (("campaign=cast(sender as integer)",), "by: campaign: "),
        (("sender=upper(sender)",), "by: the report is by sender anyway"),
    ],
)
def test_a_bad_dimension_is_one_line_and_writes_nothing(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    by: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [word for each in by for word in ("--by", each)]
    done = run(capsys, "report", "--data", data, *given)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_a_list_option_of_the_errors_is_one_that_a_query_has(data: Path) -> None:
    made = gather(dlr.open(data), by=CAMPAIGN, month="2026-10", title="T", target="95%")
    words = shlex.split(made.options)
    assert words == ["--data", str(data), "--since", "2026-10-01", "--until", "2026-11-01"]
