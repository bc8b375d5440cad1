"""Make a report: gather its figures, write its file, show progress."""

from __future__ import annotations

import sys
from pathlib import Path

from tqdm import tqdm

from dlr_analytics.analysis.database import Database
from dlr_analytics.report import output
from dlr_analytics.report.gather.report import PARTS, gather
from dlr_analytics.report.model import Report
from dlr_analytics.report.request import Options


def make(database: Database, path: Path, options: Options) -> Report:
    """Write a report to a file, in the format of its ending, and return its figures.

    Parameters
    ----------
    database : Database
        The data directory, opened.
    path : Path
        The file; an existing one is replaced.
    options : Options
        What the report is of.

    Raises
    ------
    DlrError
        As :func:`dlr_analytics.report.output.write` and
        :func:`dlr_analytics.report.gather.report.gather`.

    Examples
    --------
    >>> import tempfile, dlr_analytics as dlr
    >>> path = Path(tempfile.mkdtemp()) / "november.md"
    >>> make(dlr.open("data/sample"), path, {"title": "November"}).request.title
    'November'
    >>> path.read_text().partition("\\n")[0]
    'November'
    """
    output.check(path)
    with tqdm(
        total=PARTS + 1, desc=path.name, unit=" parts", disable=None, leave=False, file=sys.stderr
    ) as bar:
        made = gather(database, bar.update, **options)
        output.write(made, path)
    return made
