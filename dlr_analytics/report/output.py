"""Which ending makes which file of a report."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dlr_analytics.errors import UnknownName, UsageError
from dlr_analytics.report.model import Report


def _html(report: Report, path: Path) -> None:
    from dlr_analytics.report import html

    path.write_text(html.render(report), encoding="utf-8")


def _pdf(report: Report, path: Path) -> None:
    from dlr_analytics.report import html, pdf

    pdf.write(html.render(report), path)


def _excel(report: Report, path: Path) -> None:
    from dlr_analytics.report import excel

    excel.write(report, path)


def _markdown(report: Report, path: Path) -> None:
    from dlr_analytics.report import markdown

    path.write_text(markdown.render(report), encoding="utf-8")


WRITERS: Final[dict[str, Callable[[Report, Path], None]]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".xlsx": _excel,
    ".md": _markdown,
}
"""The writer of each ending."""


def check(path: Path) -> None:
    """See that a report can be written there, before anything is computed.

    Raises
    ------
    UnknownName
        If the ending is none of those.
    UsageError
        If there is no such folder, or if it is a folder itself.

    Examples
    --------
    >>> check(Path("report.doc"))
    Traceback (most recent call last):
    dlr_analytics.errors.UnknownName: unknown ending '.doc'; ...There are: .html, .pdf, .xlsx, .md
    """
    if path.suffix.lower() not in WRITERS:
        raise UnknownName("ending", path.suffix or path.name, WRITERS)
    if not path.parent.is_dir():
        raise UsageError(f"no folder {path.parent}", "make it first, or write elsewhere with -o")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name a file with -o")


def _write_beside(report: Report, path: Path) -> None:
    """Write the file beside its place, so that an older one stays until the new one is whole."""
    draft = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        WRITERS[path.suffix.lower()](report, draft)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write(report: Report, path: Path) -> None:
    """Write a report as its file's ending says; an existing file is replaced.

    Raises
    ------
    UnknownName, UsageError
        As :func:`check`, and if the file cannot be written.
    MissingTool
        For a PDF where there is no Chromium.
    """
    check(path)
    try:
        _write_beside(report, path.resolve())
    except (OSError, RuntimeError) as error:  # the latter, before Python 3.13, of a loop of links
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"cannot write {path}: {reason}", "write elsewhere with -o") from None
