"""``db.sql``: a statement of the user's own."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from dlr_analytics.analysis.calls.scope import as_views, tables_in_scope
from dlr_analytics.analysis.dimensions import must_be_text
from dlr_analytics.analysis.sandbox.statement import check_statement

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result


def sql(self: Database, text: str) -> Result:
    """Run one statement that only reads, over the relations of this database.

    The user's own files may be read too, and data frames, Arrow tables, relations and results
    in variables of the caller, by their names. Times with a zone are returned as naive UTC.

    Raises
    ------
    RefusedStatement
        If it may do more than read.
    UsageError
        If it cannot be parsed or run.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> dlr.open("data/sample").sql("from err_codes where err_code = 3").rows()
    [(3, 'Absent subscriber, permanent', 'permanent', 'Stop sending to the number.')]

    >>> rate = dlr.open("data/sample").delivery_rate(by="network_code")
    >>> len(dlr.open("data/sample").sql("from networks join rate using (network_code)")) > 5
    True
    """
    caller = inspect.currentframe()
    tables = tables_in_scope(must_be_text("sql", text), caller and caller.f_back)
    with self._presenter.waiting("sql"):
        snapshot = self._snapshots.open()
        with as_views(snapshot.connection, tables):
            check_statement(snapshot.connection, text)
            return self._run("sql", text, snapshot=snapshot)
