"""DuckDB relations whose data frames have the types of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pandas as pd


class TypedRelation(duckdb.DuckDBPyRelation):
    """A relation with the pandas types of :meth:`Result.df`: money stays Decimal.

    What is derived from it, like ``.filter(…)``, is a plain relation of DuckDB.
    """

    __slots__ = ()

    def df(self, *, date_as_object: bool = False) -> pd.DataFrame:
        """Return the rows in pandas, in the types of ``frame.PINS``.

        With ``date_as_object`` the types are DuckDB's.
        """
        from dlr_analytics.analysis.frame import frame

        return converted(self, date_as_object=True) if date_as_object else frame(self)

    to_df = df
    fetchdf = df


def typed(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return the same relation, with typed data frames.

    Examples
    --------
    >>> relation = duckdb.sql("select 0.0333::decimal(18, 8) as price, null::integer as part")
    >>> typed(relation).df().dtypes.astype(str).to_dict()
    {'price': 'object', 'part': 'Int64'}
    """
    # The class has no constructor; one without slots of its own may take the other's place.
    relation.__class__ = TypedRelation
    return relation


def converted(relation: duckdb.DuckDBPyRelation, *, date_as_object: bool = False) -> pd.DataFrame:
    """Return the rows in pandas, in the types of DuckDB."""
    frame: pd.DataFrame = duckdb.DuckDBPyRelation.df(relation, date_as_object=date_as_object)
    return frame
