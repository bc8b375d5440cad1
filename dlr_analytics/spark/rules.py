"""Kinds of expressions with the same value on both engines, each with its rule.

A rule looks at a node's operands: their types, which are those that DuckDB gives them, and whether
they are literals. What a rule excludes was seen to differ: ``tests/spark/alike_expressions.py`` has
both sides of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from dlr_analytics.analysis.engines.spark_functions import java_pattern

if TYPE_CHECKING:
    from dlr_analytics.analysis.engines.duckdb import Connection

_TIME_UNITS: Final = frozenset(
    ("MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR")
)
"""Units of time that both engines have by these names; ``date_trunc`` knows quarters too."""

_WHOLE: Final = frozenset(("SMALLINT", "INTEGER", "BIGINT"))
_NULL: Final = '"NULL"'
_TIMES: Final = frozenset(("DATE", "TIMESTAMP"))
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")


class Types:
    """The types of an expression's parts, as DuckDB derives them over ``messages``."""

    def __init__(self, tree: exp.Expr, connection: Connection) -> None:
        parts = [node for node in tree.walk() if _has_value(node)]
        values = ", ".join(f"({node.sql('duckdb')})" for node in parts)
        types = connection.sql(f"select {values} from messages").types
        self._types = {id(node): str(kind) for node, kind in zip(parts, types, strict=True)}

    def of(self, node: exp.Expr) -> str:
        """The type of a part."""
        return self._types[id(node)]

    def family(self, node: exp.Expr) -> str:
        """The type without its size; that of a time as text is the time's."""
        kind = self.of(node)
        if isinstance(node, exp.Null):
            return ""
        if kind in _TIMES or (node.is_string and _MOMENT.fullmatch(node.name)):
            return "time"
        is_number = kind in _WHOLE or kind.startswith(("HUGEINT", "DECIMAL")) or kind == "DOUBLE"
        return "number" if is_number else kind

    def are_alike(self, nodes: Iterable[exp.Expr]) -> bool:
        """Whether all are of one family; a time as text belongs to the family of text too."""
        nodes = list(nodes)
        families = {self.family(node) for node in nodes} - {""}
        texts = {self.of(node) for node in nodes if not isinstance(node, exp.Null)}
        return len(families) < 2 or texts == {"VARCHAR"}


Rule = Callable[[exp.Expr, Types], bool]
"""Whether a node's operands are such that both engines give the same value."""


def _always(_node: exp.Expr, _types: Types) -> bool:
    return True


def _compared(node: exp.Expr, types: Types) -> bool:
    return types.are_alike(_operands(node))


def _numbers(node: exp.Expr, types: Types) -> bool:
    return {types.family(each) for each in _operands(node)} == {"number"}


def _texts(node: exp.Expr, types: Types) -> bool:
    return {types.of(each) for each in _operands(node)} <= {"VARCHAR", _NULL}


def _texts_or_whole(node: exp.Expr, types: Types) -> bool:
    return {types.of(each) for each in _operands(node)} <= {"VARCHAR", *_WHOLE, _NULL}


def _times(node: exp.Expr, types: Types) -> bool:
    return types.of(node.this) in _TIMES


def _sum(node: exp.Expr, types: Types) -> bool:
    kinds = [types.of(each) for each in _operands(node)]
    moved = sorted(kinds) == ["INTERVAL", "TIMESTAMP"] and not isinstance(node.this, exp.Interval)
    return moved or _numbers(node, types)


def _case(node: exp.Expr, types: Types) -> bool:
    tests = [branch.this for branch in node.args["ifs"]] if node.this else []
    results = [branch.args["true"] for branch in node.args["ifs"]]
    default = node.args.get("default")
    return types.are_alike([node.this, *tests] if node.this else []) and types.are_alike(
        results if default is None else [*results, default]
    )


def _if(node: exp.Expr, types: Types) -> bool:
    return _is_branch(node) or types.are_alike(
        filter(None, (node.args["true"], node.args.get("false")))
    )


def _in(node: exp.Expr, types: Types) -> bool:
    others = {name for name, value in node.args.items() if value} - {"this", "expressions"}
    return not others and bool(node.expressions) and _compared(node, types)


def _interval(node: exp.Expr, _types: Types) -> bool:
    unit = node.args.get("unit")
    return (
        isinstance(node.parent, exp.Add | exp.Sub)
        and isinstance(node.this, exp.Literal)
        and node.this.name.isdigit()
        and unit is not None
        and unit.name.upper() in _TIME_UNITS
    )


def _truncated(node: exp.Expr, types: Types) -> bool:
    return node.args["unit"].name.upper() in {*_TIME_UNITS, "QUARTER"} and _times(node, types)


def _trim(node: exp.Expr, types: Types) -> bool:
    return _texts(node, types) and (node.expression is None or node.expression.is_string)


def _left(node: exp.Expr, types: Types) -> bool:
    return types.of(node.this) == "VARCHAR" and _is_count(node.expression)


def _substring(node: exp.Expr, types: Types) -> bool:
    length = node.args.get("length")
    return (
        types.of(node.this) == "VARCHAR"
        and _is_place(node.args["start"])
        and (length is None or _is_count(length))
    )


def _split_part(node: exp.Expr, types: Types) -> bool:
    delimiter = node.args["delimiter"]
    is_literal = delimiter.is_string and bool(delimiter.name)
    return types.of(node.this) == "VARCHAR" and is_literal and _is_place(node.args["part_index"])


def _like(node: exp.Expr, types: Types) -> bool:
    pattern = node.expression  # a backslash escapes on Spark, and is a character in DuckDB
    return types.of(node.this) == "VARCHAR" and pattern.is_string and "\\" not in pattern.name


def _matches(node: exp.Expr, types: Types) -> bool:
    pattern = node.expression
    return (
        types.of(node.this) == "VARCHAR"
        and not node.args.get("flag")
        and pattern.is_string
        and java_pattern(pattern.name) is not None
    )


def _contains(node: exp.Expr, types: Types) -> bool:
    return types.of(node.this) == "VARCHAR[]" and node.expression.is_string


def _cast(node: exp.Expr, types: Types) -> bool:
    target, family = node.args["to"].this, types.family(node.this)
    if target == exp.DataType.Type.DOUBLE:
        return family == "number"
    return family == "time" and target in (
        exp.DataType.Type.DATE,
        exp.DataType.Type.TIMESTAMP,
        exp.DataType.Type.TIMESTAMPNTZ,
    )


RULES: Final[dict[type[exp.Expr], Rule]] = {
    **dict.fromkeys((exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null), _always),
    **dict.fromkeys((exp.Paren, exp.And, exp.Or, exp.Not, exp.Is, exp.Var, exp.DataType), _always),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between), _compared),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ, exp.Coalesce, exp.Nullif), _compared),
    **dict.fromkeys((exp.Greatest, exp.Least), _compared),
    **dict.fromkeys((exp.Mul, exp.Neg, exp.Abs), _numbers),
    **dict.fromkeys((exp.Lower, exp.Length, exp.StartsWith, exp.EndsWith, exp.Concat), _texts),
    **dict.fromkeys((exp.Add, exp.Sub), _sum),
    **dict.fromkeys((exp.Like, exp.ILike), _like),
    **dict.fromkeys((exp.Cast, exp.TryCast), _cast),
    **dict.fromkeys((exp.TimestampTrunc, exp.DateTrunc), _truncated),
    exp.ArrayContains: _contains,
    exp.Case: _case,
    exp.DPipe: _texts_or_whole,
    exp.Hour: _times,
    exp.If: _if,
    exp.In: _in,
    exp.Interval: _interval,
    exp.Left: _left,
    exp.RegexpLike: _matches,
    exp.SplitPart: _split_part,
    exp.Substring: _substring,
    exp.Trim: _trim,
}
"""The rule of each kind of expression; a kind without one is refused."""


def _has_value(node: exp.Expr) -> bool:
    return not (isinstance(node, exp.Identifier | exp.Var | exp.DataType) or _is_branch(node))


def _is_branch(node: exp.Expr) -> bool:
    """Whether this is WHEN and THEN of a CASE, which sqlglot has as an IF."""
    return isinstance(node.parent, exp.Case) and node.arg_key == "ifs"


def _operands(node: exp.Expr) -> list[exp.Expr]:
    return [each for each in node.iter_expressions() if _has_value(each)]


def _is_count(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_int


def _is_place(node: exp.Expr) -> bool:
    """Whether this is a whole number, from the end where negative, and not 0."""
    number = node.this if isinstance(node, exp.Neg) else node
    return _is_count(number) and int(number.name) > 0
