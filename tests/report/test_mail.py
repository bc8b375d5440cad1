"""A report as a mail: what mail programs show, and the page as an attachment."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from dlr_analytics.errors import MissingTool
from dlr_analytics.report import headline, output
from dlr_analytics.report.formats import html, mail, pdf
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections import registry
from tests.support import reports
from tests.support.pages import Page

GMAIL_CLIPS_AT = 102_400
"""Bytes of HTML that Gmail shows of a mail."""


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Without a Chromium, but for the tests that need one."""
    if request.node.get_closest_marker("browser") is None:
        monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))


def written(report: Report, folder: Path) -> EmailMessage:
    """The mail as a mail program reads the file."""
    output.write(report, folder / "report.eml")
    read = message_from_bytes((folder / "report.eml").read_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def body(message: EmailMessage, kind: str) -> str:
    """The text or the HTML that is shown."""
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def test_the_page_is_attached_whole(found: Report, tmp_path: Path) -> None:
    (attached,) = written(found, tmp_path).iter_attachments()
    assert attached.get_filename() == "sms-2026-10-25-2026-11-23.html"
    assert attached.get_content().splitlines() == html.render(found).splitlines()


def test_the_subject_is_the_finding_or_the_title(found: Report, tmp_path: Path) -> None:
    assert written(found, tmp_path)["Subject"] == headline.finding(found)
    titled = replace(found, request=replace(found.request, title="März – “Acme”"))
    assert written(titled, tmp_path)["Subject"] == "März – “Acme”"


def test_the_text_has_the_finding_and_what_to_do(found: Report, tmp_path: Path) -> None:
    text = body(written(found, tmp_path), "plain")
    assert text.startswith(headline.finding(found))
    assert text.count("Do: ") == len(found.findings)
    for card in headline.cards(found):
        assert f"{card.name}: {card.text}" in text


def test_every_table_of_the_report_stands_in_the_mail(found: Report, tmp_path: Path) -> None:
    page = Page(body(written(found, tmp_path), "html"))
    shown = [text for tag, text in page.texts if tag == "h2"]
    assert shown == [table.title for table in registry.tables(found)]


@pytest.mark.parametrize("make", [reports.found_report, reports.crowded_report])
def test_nothing_stands_in_it_that_mail_programs_leave_out(make: object, tmp_path: Path) -> None:
    report = make()  # type: ignore[operator]
    shown = body(written(report, tmp_path), "html")
    assert not re.search(r"<(svg|script|style|link|details|form)\b| class=|url\(|https?:", shown)
    assert len(shown.encode()) < GMAIL_CLIPS_AT


def test_names_are_text_and_no_html(found: Report, tmp_path: Path) -> None:
    sender = replace(found.senders[0], name="<img src=x onerror=alert(1)>")
    shown = body(written(replace(found, senders=(sender,)), tmp_path), "html")
    assert "<img" not in shown
    assert "&lt;img src=x" in shown


@pytest.mark.parametrize(
    "make", [reports.found_report, reports.few_report, reports.empty_report, reports.small_report]
)
def test_equal_reports_make_equal_bytes(make: object, tmp_path: Path) -> None:
    for name in ("a.eml", "b.eml"):
        output.write(make(), tmp_path / name)  # type: ignore[operator]
    first = (tmp_path / "a.eml").read_bytes()
    assert first == (tmp_path / "b.eml").read_bytes()
    assert max(map(len, first.split(b"\r\n"))) <= 998  # RFC 5322


def test_an_empty_period_says_what_would_work(empty: Report, tmp_path: Path) -> None:
    message = written(empty, tmp_path)
    assert "dlr report --data data --since 2026-10-25" in body(message, "plain")
    assert "<code>dlr report --data data --since 2026-10-25</code>" in body(message, "html")


def test_without_a_browser_there_is_no_picture(found: Report) -> None:
    message = mail.message(found)
    assert "image/png" not in [part.get_content_type() for part in message.walk()]
    assert "<img" not in body(message, "html")


@pytest.mark.thorough
@pytest.mark.browser
def test_the_trend_is_a_picture_in_the_mail(found: Report, tmp_path: Path) -> None:
    message = written(found, tmp_path)
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    data = picture.get_payload(decode=True)
    assert isinstance(data, bytes)
    width, height = (int.from_bytes(data[at : at + 4]) for at in (16, 20))
    assert (width, height) == (2032, 736)
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in body(message, "html")
    output.write(found, tmp_path / "again.eml")
    assert (tmp_path / "again.eml").read_bytes() == (tmp_path / "report.eml").read_bytes()


def test_a_browser_that_draws_nothing_is_one_clear_line(
    found: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho no display >&2\n")
    browser.chmod(0o755)
    monkeypatch.setattr(pdf, "BROWSERS", (str(browser),))
    with pytest.raises(MissingTool, match=r"printed nothing \(no display\)"):
        written(found, tmp_path)
