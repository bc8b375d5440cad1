"""The record of a metric: what each place that offers it has to know.

``@metric(...)`` on a function makes its record. The command line, ``Database``, the magic and its
completion, previews, charts and the tests of the documentation read
:data:`dlr_analytics.analysis.metrics.METRICS`, so that a metric is described in one place. A study
over several metrics is recorded in the same way.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.query import load
from dlr_analytics.errors import UnknownName

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result

Kind = Literal["count", "share", "seconds", "money", "price", "figure", "difference"]
"""How the values of a column are written.

A ``figure`` is a share or a price, as the parameter ``figure`` of its study says, and a
``difference`` one of two such.
"""

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
    order : tuple of str and callable, or None
        What a preview sorts categories by, largest first: a word, and the number in a row. None:
        rows stay in their own order.
    study : bool
        Whether it is a study: its rows are not one per group of ``by``.
    explained : mapping of str to str
        The columns of a study, in order, and the meanings of those that are computed in Python; a
        meaning that is empty is in its statement. Empty: the columns of its statement.
    without : tuple of str
        The shared parameters that it does not take.
    """

    name: str
    function: Callable[..., Result]
    kinds: Mapping[str, Kind]
    preview: tuple[str | tuple[str, str], ...]
    order: tuple[str, Callable[[Row], Any]] | None
    study: bool = False
    explained: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    @property
    def columns(self) -> Mapping[str, str]:
        """The meaning of each column, in order, after those of ``by``."""
        if all(self.explained.values()):
            return self.explained or load(self.name).columns
        stated = load(self.name).columns
        return {name: meaning or stated[name] for name, meaning in self.explained.items()}

    @property
    def sentence(self) -> str:
        """What it computes, in one sentence."""
        if not self.explained:
            return load(self.name).sentence
        return (self.function.__doc__ or "").partition("\n")[0]

    @property
    def own_parameters(self) -> Mapping[str, inspect.Parameter]:
        """Its parameters besides those of :class:`Parameters`, by name."""
        every = inspect.signature(self.function).parameters
        return {
            name: every[name] for name in every if name not in {"self", *Parameters.__annotations__}
        }


_RECORDS: Final[dict[Callable[..., Result], Metric]] = {}


def metric(
    *,
    counts: str = "messages",
    shares: str = "",
    seconds: str = "",
    money: str = "",
    prices: str = "",
    figures: str = "",
    differences: str = "",
    preview: tuple[str | tuple[str, str], ...] = (),
    order: tuple[str, Callable[[Row], Any]] | None = ("messages", lambda row: row["messages"]),
    without: str = "",
    study: bool = False,
    columns: Mapping[str, str] | None = None,
) -> Callable[[Function], Function]:
    """Record a function as the metric of its name, and spell out its parameters.

    Parameters
    ----------
    counts, shares, seconds, money, prices, figures, differences : str
        The columns of each kind, separated by spaces.
    preview, order, study
        As in :class:`Metric`.
    without : str
        The names of the shared parameters that it does not take, separated by spaces: a value for
        one is an error.
    columns : mapping of str to str, optional
        Of a study that computes columns in Python: all its columns, in order, and the meanings of
        those; empty where the statement explains the column.
    """
    kinds_of: dict[Kind, str] = {
        "count": counts,
        "share": shares,
        "seconds": seconds,
        "money": money,
        "price": prices,
        "figure": figures,
        "difference": differences,
    }
    kinds = {name: kind for kind, names in kinds_of.items() for name in names.split()}

    def record(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        left_out = tuple(without.split())
        verb = _asked(function, name, left_out)
        _RECORDS[verb] = Metric(name, verb, kinds, preview, order, study, columns or {}, left_out)
        verb.__signature__ = _signature(function, left_out)  # type: ignore[attr-defined]
        return verb

    return record


def records(verbs: type) -> dict[str, Metric]:
    """The records of those functions that a class binds, by name, in its order."""
    found = [_RECORDS[verb] for verb in vars(verbs).values() if verb in _RECORDS]
    return {metric.name: metric for metric in found}


def _asked(function: Function, name: str, without: tuple[str, ...]) -> Function:
    """A function that shows long waits, and refuses these of the shared parameters."""
    taken = [parameter for parameter in Parameters.__annotations__ if parameter not in without]

    @functools.wraps(function)
    def verb(self: Answering, *arguments: Any, **parameters: Any) -> Result:
        for refused in without:
            if parameters.pop(refused, None) is not None:
                raise UnknownName("keyword", refused, taken)
        with self._presenter.waiting(name):
            return function(self, *arguments, **parameters)

    return cast("Function", verb)


def _signature(function: Callable[..., Any], without: tuple[str, ...]) -> inspect.Signature:
    """Its signature, with the keys of ``Parameters`` in place of ``**parameters``."""
    written = inspect.signature(function)
    own = [one for one in written.parameters.values() if one.kind is not one.VAR_KEYWORD]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in Parameters.__annotations__.items()
        if name not in without
    ]
    return written.replace(parameters=[*own, *shared])
