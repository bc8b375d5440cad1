"""``db.explore``: an explorer of the messages of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlr_analytics.analysis.dimensions import By
from dlr_analytics.analysis.explore.exploration import Exploration
from dlr_analytics.analysis.timezones import Moment

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database


def explore(
    self: Database,
    by: By | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    where: str | None = None,
    tz: str | None = None,
) -> Any:
    """Explore messages in a notebook: brush, click, and copy the code.

    Parameters
    ----------
    by : str, mapping or sequence of these, optional
        Own dimensions, besides network, country, sender and err-code: columns of ``messages`` and
        of registered tables, ``hour_of_day``, ``weekday``, or ``{"name": "SQL"}``.
    since, until, where, tz
        As for every metric; what is clicked narrows them further.

    Returns
    -------
    Explorer
        A widget: the last line of a cell displays it. ``select``, ``brush`` and ``clear`` do what
        clicks do; ``code`` is the call that gives what the course shows, ``result`` its result.

    Raises
    ------
    DlrError
        As :meth:`Database.ask` does.
    MissingTool
        If anywidget or pyarrow is not installed.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> x = dlr.open("data/sample").explore(since="2026-11")
    >>> x.select(country=["GB", "DE"])
    >>> print(x.code)
    db.delivery_rate(by="day", since="2026-11-01", where="country in ('GB', 'DE')").plot()
    """
    return self._presenter.explore(
        lambda: Exploration(self, by=by, since=since, until=until, where=where, tz=tz)
    )
