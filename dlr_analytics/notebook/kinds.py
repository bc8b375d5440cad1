"""How the columns of a result are written: in a table, and in a workbook."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import COUNT, MONEY, POINTS, SECONDS, SHARE, Value

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


class Written(NamedTuple):
    """The text of a value, its unit in the head, and the number format of Excel.

    A workbook holds the value as the result has it, so its format never scales it, but for "%".
    """

    text: Callable[[Value], str]
    excel: str
    unit: str = ""


def _exact(value: Value) -> str:
    return formats.price(value if isinstance(value, Decimal) else None, None)


def _mean(value: Value) -> str:
    return formats.price_mean(value if isinstance(value, float) else None)


def _mean_difference(value: Value) -> str:
    return formats.price_mean(value if isinstance(value, float) else None, sign=True)


_KINDS: Final = {
    "count": Written(COUNT.write, COUNT.excel),
    "share": Written(SHARE.write, SHARE.excel, "\N{NO-BREAK SPACE}%"),
    "seconds": Written(SECONDS.write, "General"),
    "money": Written(MONEY.write, "#,##0.00######"),
    "price": Written(_exact, "0.00000000"),
}

_OF_RATES: Final = {
    "figure": _KINDS["share"],
    "difference": Written(POINTS.write, "+0.0000;-0.0000;0.0000", "\N{NO-BREAK SPACE}points"),
}

_OF_PRICES: Final = {
    "figure": Written(_mean, "0.00000000"),
    "difference": Written(_mean_difference, "+0.00000000;-0.00000000;0.00000000"),
}


def kinds_of(result: Result) -> dict[str, Written]:
    """Return how the columns of a question are written; of a statement none.

    Columns that are not in it have no kind: their values are shown as they are.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> kinds_of(dlr.open("data/sample").compare())["difference"].text(0.0123)
    '+1.2'
    """
    if result.metric not in QUESTIONS:
        return {}
    priced = result.own.get("figure") == "cost_per_message"
    kinds = _KINDS | (_OF_PRICES if priced else _OF_RATES)
    return {name: kinds[kind] for name, kind in QUESTIONS[result.metric].kinds.items()}
