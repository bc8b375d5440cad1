"""Write a report as a mail: text, tables, a picture, and the page attached.

Mail programs leave out style sheets, SVG and scripts, so this HTML has presentational attributes,
and the trend is a PNG. It is drawn where a Chromium is installed; elsewhere only its table is
there. Equal reports make equal bytes on one machine: boundaries come from the contents, and the
program that sends the mail adds date and ID.
"""

from __future__ import annotations

import hashlib
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from dlr_analytics.presentation import formats
from dlr_analytics.report import headline
from dlr_analytics.report.formats import html, pdf
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections import findings, trend
from dlr_analytics.report.sections.registry import sections

MOST_ROWS: Final = 31
"""The most rows of a table, a month's days: Gmail cuts mails off at 100 KiB."""

_PICTURE: Final = "trend@dlr"
_WIDTH, _HEIGHT = 1016, 368


def write(report: Report, path: Path) -> None:
    """Write the mail, without sender and recipients.

    Parameters
    ----------
    report : Report
        The figures.
    path : Path
        The file; an existing one is replaced.

    Raises
    ------
    MissingTool
        If an installed Chromium does not draw the trend.
    OSError
        If the file cannot be written.
    """
    path.write_bytes(message(report).as_bytes(policy=policy.SMTP.clone(max_line_length=0)))


def message(report: Report) -> EmailMessage:
    """Return the mail: its subject is the title or the finding."""
    picture = _picture(report)
    mail = EmailMessage()
    mail["Subject"] = report.request.title or headline.finding(report)
    mail["X-Unsent"] = "1"  # Outlook opens it as a draft
    mail.set_content(_text(report), cte="quoted-printable")
    mail.add_alternative(_page(report, picture is not None), subtype="html", cte="base64")
    if picture is not None:
        _, page = mail.iter_parts()
        assert isinstance(page, EmailMessage)
        page.add_related(picture, "image", "png", cid=f"<{_PICTURE}>", filename="trend.png")
    mail.add_attachment(
        html.render(report), subtype="html", cte="base64", filename=_file_name(report)
    )
    _set_boundaries(mail)
    return mail


def _file_name(report: Report) -> str:
    period = report.period
    return f"sms-{period.first}-{period.last}.html"


def _text(report: Report) -> str:
    """The finding, the headline figures and the findings, as plain text."""
    if not report.tally.messages:
        return f"{headline.finding(report)}\n\n{headline.remedy(report)}\n"
    lines = [headline.finding(report), "", headline.scope(report), ""]
    lines += [
        "; ".join([f"{card.name}: {card.text}", *card.notes]) for card in headline.cards(report)
    ]
    for table in findings.tables(report) if report.days else ():
        lines += ["", table.title, ""]
        lines += [f"{row[0]}. {row[1]}. {row[2]}. Do: {row[3]}." for row in table.rows]
        lines += [] if table.rows else [table.caption]
    return "\n".join(lines) + "\n"


def _page(report: Report, has_picture: bool) -> str:  # noqa: FBT001
    parts = [(each, each.tables(report)) for each in sections(report)]
    return (
        html.environment()
        .get_template("mail.html")
        .render(
            report=report,
            parts=parts,
            most_rows_in_mail=MOST_ROWS,
            picture=f"cid:{_PICTURE}" if has_picture else "",
            label=formats.dates(report.period.first, report.period.last),
        )
    )


def _picture(report: Report) -> bytes | None:
    """The trend as PNG, if the report has one."""
    if report.tally.few:
        return None
    chart = trend.graphics(report)["chart"]
    if chart is None:
        return None
    return pdf.screenshot(html.trend_page(chart.wide), _WIDTH, _HEIGHT)


def _set_boundaries(mail: EmailMessage) -> None:
    """Set the limits between parts, which are random otherwise."""
    for depth, part in enumerate(each for each in mail.walk() if each.is_multipart()):
        leaves = [each.get_payload() for each in part.walk() if not each.is_multipart()]
        digest = hashlib.sha256(repr((depth, leaves)).encode()).hexdigest()
        part.set_boundary(f"=_dlr_{digest[:32]}")
