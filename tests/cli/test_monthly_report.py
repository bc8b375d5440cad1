"""The recipe of docs/monthly-report.md is run as it stands, against a stand-in for sendmail."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

import dlr_analytics as dlr
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "monthly-report.md").read_text(encoding="utf-8")
(SCRIPT,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@dataclass
class Recipe:
    """Runs the script; ``mail`` is what the stand-in was given."""

    folder: Path
    data: Path

    def run(self, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the script with these variables."""
        programs = self.folder / "bin"
        programs.mkdir()
        texts = {
            "dlr": f'#!/bin/sh\nexec "{sys.executable}" -m dlr_analytics "$@"\n',
            "sendmail": f'#!/bin/sh\n[ "$*" = -t ] && exec cat > "{self.mail}"\n',
            "dlr-monthly": SCRIPT,
        }
        for name, text in texts.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        given = os.environ | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "DLR_DATA": str(self.data),
            "PYTHONPATH": str(ROOT),
            "SENDMAIL": str(programs / "sendmail"),
            "TMPDIR": str(self.folder),
        }
        return subprocess.run(
            [programs / "dlr-monthly"],
            cwd=self.folder,
            env=given | env,
            capture_output=True,
            text=True,
        )

    @property
    def mail(self) -> Path:
        """The mail, if there is one."""
        return self.folder / "mail"


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    data = tmp_path / "data"
    receive(data, [receipt("A"), receipt("B", "failed"), receipt("C", seconds=-40 * 86_400)])
    return Recipe(tmp_path, data)


@pytest.mark.thorough
def test_the_mail_says_the_finding_and_has_the_months_report_attached(recipe: Recipe) -> None:
    done = recipe.run(MONTH="2026-11", ZONE="Europe/London", MAIL_TO="boss@example.com")
    assert (done.returncode, done.stderr) == (0, "")
    mail = message_from_bytes(recipe.mail.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert (mail["To"], mail["Subject"]) == ("boss@example.com", "SMS in 2026-11")
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().startswith("1 of 2 messages was delivered")
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "sms-2026-11-01-2026-11-30.html"
    expected = recipe.folder / "expected.html"
    options = {"month": "2026-11", "tz": "Europe/London", "title": "SMS in 2026-11"}
    dlr.open(recipe.data).report(expected, **options)
    assert attached.get_content().strip() == expected.read_text("utf-8").strip()


@pytest.mark.thorough
def test_without_a_month_it_is_the_one_before_and_nothing_is_left_behind(recipe: Recipe) -> None:
    before = dt.datetime.now(dt.UTC).replace(day=1) - dt.timedelta(days=1)
    files = set(recipe.folder.iterdir())
    assert recipe.run().returncode == 0
    assert f"Subject: SMS in {before:%Y-%m}\n" in recipe.mail.read_text("utf-8")
    made = {path.name for path in set(recipe.folder.iterdir()) - files}
    assert made == {"bin", "mail"}


def test_where_the_report_fails_nothing_is_mailed(recipe: Recipe) -> None:
    done = recipe.run(MONTH="2026-13")
    assert done.returncode == 2
    assert "is no month" in done.stderr
    assert not recipe.mail.exists()
