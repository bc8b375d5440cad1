"""Write a report to a file, in the format that its name ends in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from dlr_analytics.errors import UnknownName
from dlr_analytics.presentation.replacing import check_place, replace_file
from dlr_analytics.report.model import Report
from dlr_analytics.settings.parsers import check_output_file


def _html(report: Report, path: Path) -> None:
    from dlr_analytics.report.formats import html

    path.write_text(html.render(report), encoding="utf-8")


def _pdf(report: Report, path: Path) -> None:
    from dlr_analytics.report.formats import html, pdf

    pdf.write(html.render(report), path)


def _excel(report: Report, path: Path) -> None:
    from dlr_analytics.report.formats import excel

    excel.write(report, path)


def _markdown(report: Report, path: Path) -> None:
    from dlr_analytics.report.formats import markdown

    path.write_text(markdown.render(report), encoding="utf-8")


def _mail(report: Report, path: Path) -> None:
    from dlr_analytics.report.formats import mail

    mail.write(report, path)


WRITERS: Final[dict[str, Callable[[Report, Path], None]]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".xlsx": _excel,
    ".md": _markdown,
    ".eml": _mail,
}
"""The writer for each ending of a file name."""


def check(path: Path) -> None:
    """Check that a report can be written to a path, before anything is computed.

    Raises
    ------
    UnknownName
        If there is no writer for its ending.
    UsageError
        If it is a URL, if its folder does not exist, or if it is a folder itself.

    Examples
    --------
    >>> check(Path("report.doc"))
    Traceback (most recent call last):
    dlr_analytics.errors.UnknownName: unknown ending '.doc'; ...There are: .html, .pdf, ...
    """
    check_output_file(path)
    if path.suffix.lower() not in WRITERS:
        raise UnknownName("ending", path.suffix or path.name, WRITERS)
    check_place(path, "name another file with -o")


def write(report: Report, path: Path) -> None:
    """Write a report in the format that its path ends in, replacing an existing file.

    Parameters
    ----------
    report : Report
        The figures.
    path : Path
        A path that ends in one of ``WRITERS``.

    Raises
    ------
    UnknownName, UsageError
        As :func:`check`, and if the file cannot be written.
    MissingTool
        For a PDF where there is no Chromium.
    """
    check(path)
    replace_file(path, partial(WRITERS[path.suffix.lower()], report), "write elsewhere with -o")
