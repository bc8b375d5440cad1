"""The study ``decompose``: what moved a figure, by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Unpack

from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metric import Row, metric
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.studies.figures import (
    RATE_FIGURE,
    must_be_one_currency,
    of_figure,
)
from dlr_analytics.analysis.studies.periods import (
    Period,
    as_parameters,
    must_not_overlap,
    parse_period,
    period_before,
    period_of,
    relation,
    written,
)
from dlr_analytics.analysis.timezones import Moment
from dlr_analytics.errors import UsageError

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result

COLUMNS: Final = dict.fromkeys(
    (
        *("messages_before", "messages", "share_before", "share", "value_before", "value"),
        *("mix_effect", "rate_effect", "effect"),
    ),
    "",
)


@metric(
    counts="messages_before messages",
    shares="share_before share",
    figures="value_before value",
    differences="mix_effect rate_effect effect",
    preview=(
        *("effect", "rate_effect", "mix_effect", ("value_before", "value")),
        *(("share_before", "share"), "messages_before", "messages"),
    ),
    order=None,
    without="unit",
    study=True,
    columns=COLUMNS,
)
def decompose(
    self: Answering,
    figure: str = RATE_FIGURE,
    *,
    against: str | Sequence[Moment] | None = None,
    **parameters: Unpack[Parameters],
) -> Result:
    """Decompose the difference of a figure between two periods by group.

    The period is ``since`` to ``until``, by default the 7 whole days before the day of as of. With
    the shares v and w of a group before and now, and its figures p and q,

        rate_effect = (v + w)/2 · (q - p),   mix_effect = (w - v) · ((p + q)/2 - m),

    where m is the mean of the two figures of all messages (Kitagawa, J. Am. Stat. Assoc. 50, 1955).
    The effects of all groups add up to the difference of the two figures, and exchanging the
    periods changes their signs only. A group that one period lacks has there the figure of the
    other, so that all its effect is mix. Largest effect first.

    Parameters
    ----------
    figure : str
        ``delivery_rate`` or ``cost_per_message``.
    against : str or pair, optional
        The period before: its beginning and its end, in text with a slash between. By default the
        period of equal length just before.
    **parameters
        ``by, since, until, where, as_of, tz, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Raises
    ------
    UsageError
        If a period is empty or has no messages, if they overlap, if outcomes can not be estimated
        yet, or if prices are in several currencies without ``currency`` in ``by``.
    UnknownName
        If there is no such figure.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> moved = db.decompose(by="country", since="2026-11-09", until="2026-11-16").df()
    >>> before, now = (
    ...     db.delivery_rate(since=since, until=until).df()["delivery_rate"].item()
    ...     for since, until in (("2026-11-02", "2026-11-09"), ("2026-11-09", "2026-11-16"))
    ... )
    >>> bool(abs(moved["effect"].sum() - (now - before)) < 1e-12)
    True
    """
    query = of_figure(load("decompose"), figure)
    filters = self.resolve(parameters)
    period = period_of(filters)
    before = (
        period_before(period, filters.tz)
        if against is None
        else parse_period("against", against, filters.tz)
    )
    must_not_overlap(before, period)
    stated = self.answer(
        query.with_values(periods=relation([period, before])),
        as_parameters(parameters, min(before.begins, period.begins), max(before.ends, period.ends)),
    )
    rows = [dict(zip(stated.columns, row, strict=True)) for row in stated]
    _must_be_known(rows, before, period)
    must_be_one_currency(rows, filters.by)
    types = dict(zip(stated.columns, stated.types, strict=True))
    columns = {name: types[name] for name in (*filters.by, *COLUMNS)}
    values = [[row[name] for name in columns] for row in rows]
    own = {"figure": figure, "period": period, "before": before}
    return self.derive("decompose", columns, values, [stated], own)


def _must_be_known(rows: Sequence[Row], before: Period, period: Period) -> None:
    """Check that both periods have messages, and that the figures are known."""
    for name, each in (("messages_before", before), ("messages", period)):
        if not sum(row[name] for row in rows):
            raise UsageError(
                f"no messages from {written(each)}", "choose periods with messages, or less where"
            )
    unknown = sum(row["unknown"] for row in rows)
    if unknown:
        raise UsageError(
            f"{unknown} pending messages have no estimate yet: too little history",
            "choose periods that ended more than 72 hours before as of",
        )
