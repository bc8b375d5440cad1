"""The delivery-rate report of a database, written to a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dlr_analytics.analysis.dimensions import By
from dlr_analytics.analysis.timezones import Moment

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database


def report(
    self: Database,
    path: str | os.PathLike[str],
    *,
    by: By | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    month: str | None = None,
    where: str | None = None,
    as_of: Moment | None = None,
    tz: str | None = None,
    unit: str | None = None,
    channel: str | None = None,
    title: str | None = None,
    target: float | str | None = None,
) -> Path:
    """Write the delivery-rate report to a file, and return its path.

    Parameters
    ----------
    path : str or path
        Ends in ``.html``, ``.pdf``, ``.xlsx``, ``.md`` or ``.eml`` (a mail); an existing file is
        replaced.
    by, since, until, month, where, as_of, tz, unit, channel, title, target
        The options of ``dlr report``; ``by`` and ``where`` may use registered tables. Without a
        period: the 30 days up to the newest message.

    Raises
    ------
    DlrError
        If an option cannot be read, or the file cannot be written.

    Examples
    --------
    >>> import tempfile, dlr_analytics as dlr
    >>> folder = Path(tempfile.mkdtemp())
    >>> dlr.open("data/sample").report(folder / "a.md", where="country = 'GB'").name
    'a.md'
    """
    options = {name: value for name, value in locals().items() if name not in ("self", "path")}
    self._presenter.report(self, Path(path), options)
    return Path(path)
