"""The record of a metric: what each place that offers it has to know.

``@metric(...)`` on a function makes its record. The command line, ``Database``, the magic and its
completion, previews, charts and the tests of the documentation read
:data:`dlr_analytics.analysis.metrics.METRICS`, so that a metric is described in one place. A study
over several metrics is recorded in the same way.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from dlr_analytics.analysis.filters import Parameters

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

Kind = Literal["count", "share", "seconds", "money", "price"]
"""How the values of a column are written."""

Row = Mapping[str, Any]
Function = TypeVar("Function", bound="Callable[..., Result]")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric or a study.

    Attributes
    ----------
    name : str
        Its name on the command line. Its statement is ``sql/metrics/``, its chart
        ``notebook/charts/``, each in a file of this name with underscores.
    function : callable
        The method of ``Database``.
    kinds : mapping of str to Kind
        How columns are written; those that are not listed are shown as they are.
    preview : tuple
        The columns that a preview shows, a pair in one; empty: all.
    order : tuple of str and callable
        What a preview sorts categories by, largest first: a word, and the number in a row.
    """

    name: str
    function: Callable[..., Result]
    kinds: Mapping[str, Kind]
    preview: tuple[str | tuple[str, str], ...]
    order: tuple[str, Callable[[Row], Any]]


_RECORDS: Final[dict[Callable[..., Result], Metric]] = {}


def metric(
    *,
    counts: str = "messages",
    shares: str = "",
    seconds: str = "",
    money: str = "",
    prices: str = "",
    preview: tuple[str | tuple[str, str], ...] = (),
    order: tuple[str, Callable[[Row], Any]] = ("messages", lambda row: row["messages"]),
) -> Callable[[Function], Function]:
    """Record a function as the metric of its name, and spell out its parameters.

    Parameters
    ----------
    counts, shares, seconds, money, prices : str
        The columns of each kind, separated by spaces.
    preview, order : tuple
        As in :class:`Metric`.
    """
    columns: dict[Kind, str] = {
        "count": counts,
        "share": shares,
        "seconds": seconds,
        "money": money,
        "price": prices,
    }
    kinds = {name: kind for kind, names in columns.items() for name in names.split()}

    def record(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        _RECORDS[function] = Metric(name, function, kinds, preview, order)
        function.__signature__ = _signature(function)  # type: ignore[attr-defined]
        return function

    return record


def records(verbs: type) -> dict[str, Metric]:
    """The records of those functions that a class binds, by name, in its order."""
    found = [_RECORDS[verb] for verb in vars(verbs).values() if verb in _RECORDS]
    return {metric.name: metric for metric in found}


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Its signature, with each key of ``Parameters`` in place of ``**parameters``."""
    written = inspect.signature(function)
    own = [one for one in written.parameters.values() if one.kind is not one.VAR_KEYWORD]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in Parameters.__annotations__.items()
    ]
    return written.replace(parameters=[*own, *shared])
