"""The view of an exploration: plain values and finished texts for the script."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Final

from dlr_analytics.analysis.explore.exploration import Exploration
from dlr_analytics.analysis.explore.fold import Row
from dlr_analytics.notebook.explorer import time_axis, words
from dlr_analytics.presentation import formats

ROWS: Final = 8
"""Values of a column at first."""

MOST_ROWS: Final = 60

View = dict[str, Any]


class Labels:
    """The labels of values, and a number for each that the script can send back."""

    def __init__(self, x: Exploration) -> None:
        self._names = {
            "network_code": x.names("network_code", "network_name"),
            "country": x.names("country", "country_name"),
        }
        self._values: dict[str, list[Any]] = {}

    def text(self, dimension: str, value: object) -> str:
        """The label of a value."""
        return words.value(dimension, value, self._names.get(dimension, {}))

    def number(self, dimension: str, value: object) -> int:
        """The number of a value."""
        values = self._values.setdefault(dimension, [])
        if value not in values:
            values.append(value)
        return values.index(value)

    def value(self, dimension: str, number: int) -> Any:
        """The value of a number."""
        return self._values[dimension][number]


def view(x: Exploration, labels: Labels, expanded: Container[str] = ()) -> View:
    """Describe all that is drawn.

    Parameters
    ----------
    x : Exploration
        Its state.
    labels : Labels
        Those of earlier views, too.
    expanded : container of str
        Dimensions of which up to sixty values are listed.

    Returns
    -------
    dict
        Values that JSON can write.
    """
    return {
        "headline": words.headline(x.headline()),
        "caption": words.caption(x),
        "chips": _chips(x, labels),
        "course": time_axis.course(x),
        "overview": time_axis.overview(x),
        "dimensions": [_dimension(x, labels, name, name in expanded) for name in x.dimensions],
        "code": x.code,
    }


def _chips(x: Exploration, labels: Labels) -> list[dict[str, str]]:
    chips = [
        {"lift": name, "label": words.chip(name, [labels.text(name, value) for value in values])}
        for name, values in x.selected.items()
    ]
    if x.is_brushed and x.shown is not None:
        chips.append({"lift": "", "label": words.period(x.shown)})
    return chips


def _dimension(x: Exploration, labels: Labels, name: str, expanded: bool) -> dict[str, Any]:  # noqa: FBT001
    selected = x.selected.get(name, ())
    limit = MOST_ROWS if expanded else ROWS + len(selected)
    of_reasons = name == "err_code"
    rows = x.bars(name, MOST_ROWS if of_reasons else limit)
    every = rows[0]["of_all"] if rows else 0
    if of_reasons:  # only what was not delivered has a reason
        rows = [row for row in rows if _undelivered(row) or row["value"] in selected]
        every, rows = len(rows), rows[:limit]
    rows.sort(key=_undelivered, reverse=True)
    most = max(map(_undelivered, rows), default=0) or 1
    return {
        "name": name,
        "title": words.title(name),
        "measure": "undelivered · share" if of_reasons else "undelivered · rate",
        "rows": [
            {
                "number": labels.number(name, row["value"]),
                "label": labels.text(name, row["value"]),
                "count": formats.count(_undelivered(row)),
                "rate": _share(row) if of_reasons else formats.rate(row["delivery_rate"]),
                "bar": _undelivered(row) / most,
                "on": row["value"] in selected,
                "words": _words(row, of_reasons=of_reasons),
            }
            for row in rows
        ],
        "more": max(0, every - len(rows)),
        "expanded": expanded,
    }


def _undelivered(row: Row) -> int:
    return int(row["settled"] - row["delivered"])


def _share(row: Row) -> str:
    every = row["undelivered_of_all"]
    return formats.rate(_undelivered(row) / every if every else None)


def _words(row: Row, *, of_reasons: bool) -> str:
    undelivered = f"{formats.count(_undelivered(row))} undelivered"
    if of_reasons:
        return f"{undelivered}, {_share(row)} of all undelivered"
    delivered = f"{formats.rate(row['delivery_rate'])} delivered"
    return f"{undelivered}, {delivered} of {formats.counted(row['messages'], 'message')}"
