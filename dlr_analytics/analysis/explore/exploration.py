"""The state of an exploration: selections, their figures, and their call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from dlr_analytics.analysis.dimensions import By
from dlr_analytics.analysis.explore.columns import Columns
from dlr_analytics.analysis.explore.conditions import Value, all_of, call, condition, written
from dlr_analytics.analysis.explore.fold import Fold, Row, fold
from dlr_analytics.analysis.explore.periods import OPEN, Period, grain, whole_hour, within
from dlr_analytics.analysis.filters import Parameters, parse
from dlr_analytics.analysis.timezones import Moment, local

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result

Limits = tuple[dt.datetime, dt.datetime]
"""Local times, the second exclusive."""


class Exploration:
    """Selections of values and a brushed period, over messages that are folded once.

    Parameters are those of ``Database.explore``, errors those of ``Database.ask``.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> x = Exploration(dlr.open("data/sample"), since="2026-11")
    >>> x.select(sender="AcmeInc")
    >>> print(x.code)
    db.delivery_rate(by="day", since="2026-11-01", where="sender = 'AcmeInc'").plot()
    >>> bool(x.headline()["messages"] == x.result["messages"].sum())
    True
    """

    def __init__(
        self,
        database: Database,
        by: By | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        where: str | None = None,
        tz: str | None = None,
    ) -> None:
        given: Parameters = {"since": since, "until": until, "where": where, "tz": tz}
        self._given = database.resolve(given)
        self._database = database
        self._columns = Columns.of(database, by, self._given.tz)
        self._selected: dict[str, tuple[Value, ...]] = {}
        self._brushed: Period = OPEN
        self._folds: dict[tuple[str | None, Period], Fold] = {}
        self._fold()

    def select(self, /, **columns: Any) -> None:
        """Select values of columns: one value or several, None for NULL.

        Another column adds to the selection, the same column again replaces its values; an empty
        list lifts them.

        Raises
        ------
        UnknownName
            If there is no such column or own dimension.
        UnreadableValue
            If a value is none of the column.
        """
        folded = self._fold()
        found = {n: self._columns.values(n, given, folded) for n, given in columns.items()}
        self._change({n: v for n, v in (self._selected | found).items() if v}, self._brushed)

    def toggle(self, dimension: str, value: object, *, add: bool = False) -> None:
        """Select one value, or lift it where it is selected; ``add`` keeps the others."""
        (one,) = self._columns.values(dimension, [value], self._fold())
        before = self._selected.get(dimension, ())
        others = tuple(other for other in before if other != one) if add else ()
        lifted = one in before and (add or before == (one,))
        self.select(**{dimension: [v.value for v in (others if lifted else (*others, one))]})

    def brush(self, since: Moment | None = None, until: Moment | None = None) -> None:
        """Narrow the period to times from ``since`` to before ``until``; None is open.

        Raises
        ------
        UnreadableValue
            If a time cannot be parsed, or they are in the wrong order.
        """
        limits: Parameters = {"since": since, "until": until, "tz": self.tz}
        brushed = parse(limits, lambda: self.as_of)
        self._change(self._selected, (brushed.since, brushed.until))

    def clear(self) -> None:
        """Lift selections and brush; what ``explore`` was given stays."""
        self._change({}, OPEN)

    @property
    def code(self) -> str:
        """The call that gives what the course shows."""
        return call(self._call())

    @property
    def result(self) -> Result:
        """The result of that call, as of now."""
        return self._database.delivery_rate(**cast("Parameters", self._call()))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of what is folded."""
        return self._columns.dimensions

    @property
    def selected(self) -> Mapping[str, tuple[Any, ...]]:
        """The selected values by column."""
        return {name: tuple(one.value for one in v) for name, v in self._selected.items()}

    @property
    def is_brushed(self) -> bool:
        """Whether the period is narrowed."""
        return self._brushed != OPEN

    @property
    def tz(self) -> str:
        """The time zone of all local times."""
        return self._given.tz

    @property
    def as_of(self) -> dt.datetime:
        """The time (naive UTC) of the outcomes."""
        return self._fold().as_of

    @property
    def limits(self) -> Limits | None:
        """The whole period; None where there is no message."""
        return self._limits(self._outer)

    @property
    def shown(self) -> Limits | None:
        """The brushed part of it, likewise."""
        return self._limits(self._period)

    @property
    def sides(self) -> Period:
        """The shown period in naive UTC; None where a side is open."""
        return self._period

    @property
    def grain(self) -> str:
        """The bucket of the course."""
        return grain(*self.shown) if self.shown else "day"

    @property
    def overview_grain(self) -> str:
        """The bucket of the whole period."""
        return grain(*self.limits) if self.limits else "day"

    def headline(self) -> Row:
        """The columns of ``delivery-rate`` of all that is selected."""
        (row,) = self._rates(())
        return row

    def course(self) -> list[Row]:
        """The same by :attr:`grain`."""
        return self._rates((self.grain,))

    def overview(self) -> list[Row]:
        """The same of the whole period, by its grain."""
        return self._fold().rates((self.overview_grain,), self._conditions())

    def bars(self, dimension: str, most: int) -> list[Row]:
        """The values of a dimension with the most undelivered, selected ones first.

        All other selections hold, not its own: what could be selected is seen beside what is.
        """
        folded, since, until = self._folded()
        own = self._selected.get(dimension)
        first = condition("value", own) if own else ""
        conditions = self._conditions(besides=dimension)
        return folded.largest(dimension, most, first, conditions, since=since, until=until)

    def names(self, dimension: str, column: str) -> dict[Any, str]:
        """The names of a dimension's values: ``network_name`` or ``country_name``."""
        return self._fold().names(dimension, column)

    def _call(self) -> dict[str, str | None]:
        since, until = self._period
        return {
            "by": self.grain,
            "since": None if since is None else written(since, self.tz),
            "until": None if until is None else written(until, self.tz),
            "where": self._where(self._selected),
            "tz": None if self.tz == "UTC" else self.tz,
        }

    def _change(self, selected: dict[str, tuple[Value, ...]], brushed: Period) -> None:
        """Change the state, unless there is no answer to it."""
        before = self._selected, self._brushed
        self._selected, self._brushed = selected, brushed
        try:
            self._folded()
        except BaseException:
            self._selected, self._brushed = before
            raise

    @property
    def _outer(self) -> Period:
        return self._given.since, self._given.until

    @property
    def _period(self) -> Period:
        return within(self._brushed, self._outer)

    def _limits(self, period: Period) -> Limits | None:
        """A period in local time; an open side ends at the first or last message."""
        since, until = (None if at is None else local(at, self.tz) for at in period)
        span = self._fold().span or (since, until)
        begins, ends = since or span[0], until or span[1]
        if begins is None or ends is None:
            return None
        return min(begins, ends), max(begins, ends)

    def _rates(self, by: Sequence[str]) -> list[Row]:
        folded, since, until = self._folded()
        return folded.rates(by, self._conditions(), since, until)

    def _folded(self) -> tuple[Fold, dt.datetime | None, dt.datetime | None]:
        """A fold, and the local hours that limit it to the shown period."""
        hours: list[dt.datetime | None] = []
        for moment, edge in zip(self._period, self._outer, strict=True):
            hour = None if moment is None or moment == edge else whole_hour(moment, self.tz)
            if hour is None and moment != edge:  # within an hour, which no row of a fold divides
                return self._fold(self._period), None, None
            hours.append(hour)
        return self._fold(), hours[0], hours[1]

    def _fold(self, period: Period | None = None) -> Fold:
        """The fold of a period, by default of the whole one; the last two are reused."""
        period = self._outer if period is None else period
        outside = {n: v for n, v in self._selected.items() if n not in self.dimensions}
        where = self._where(outside)
        if (where, period) not in self._folds:
            made = fold(self._database, self._columns, self._parameters(where, period))
            # Folds of two moments would give a headline and a list that contradict each other.
            same = [key for key, one in self._folds.items() if one.as_of == made.as_of]
            self._folds = {key: self._folds[key] for key in same[-1:]} | {(where, period): made}
        return self._folds[where, period]

    def _parameters(self, where: str | None, period: Period) -> Parameters:
        since, until = (at and at.replace(tzinfo=dt.UTC) for at in period)  # else read as local
        return {"where": where, "since": since, "until": until, "tz": self.tz}

    def _conditions(self, besides: str | None = None) -> list[str]:
        """What is selected of dimensions, over columns of the fold."""
        folded = self._fold()
        return [
            condition(folded.column(name), values)
            for name, values in self._selected.items()
            if name in folded.types and name != besides
        ]

    def _where(self, selected: Mapping[str, tuple[Value, ...]]) -> str | None:
        """What was given and what is selected, over messages."""
        columns = self._columns
        more = [condition(columns.sql(name), values) for name, values in selected.items()]
        return all_of(self._given.where, more)
