"""Expressions that are let through on Spark, by kind, and random ones that combine the kinds."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from hypothesis import strategies as st

EXPRESSIONS: Final[dict[str, tuple[str, ...]]] = {
    "literals": ("1", "-1.50", "'it''s \\ é'", "1e3", "true", "null", "9999999999", "0.1 + 0.2"),
    "comparisons of texts": (
        *("sender = other", "sender <> 'a'", "sender > other", "sender <= 'a'", "sender >= ''"),
        *("sender between 'a' and 'b'", "sender in ('a', other)", "sender not in ('a', null)"),
        *("sender is distinct from other", "other is not distinct from null"),
    ),
    "comparisons of numbers": (
        *("price = 0.5", "price = rate", "rate > price", "rate = 0.1", "rate = rate", "rate < 0.3"),
        *("rate <> 1", "large = whole", "extreme = rate", "extreme > 9223372036854775806.5"),
        *("extreme = price", "small = price", "whole >= 0.5", "price between 0 and 1"),
        *("large in (1, 2.5)", "price in (0.5, 1, null)", "rate is not distinct from rate"),
    ),
    "comparisons of times": (
        *("moment = '2027-01-01'", "moment > '2026-10-25 01:00'", "moment > '2026-10-25T01:30:00'"),
        *("moment < timestamp '2026-11-01 10:00:00.5'", "moment = date '2027-01-01'"),
        *("cast(moment as date) = '2026-10-25'", "cast(moment as date) < moment"),
        *("moment between '2026-01-01' and '2026-12-31'", "moment in ('2027-01-01', null)"),
    ),
    "logic": (
        *("final", "not final", "final = true", "final > false", "final and (sender = 'a')"),
        *("final or null", "null and final", "final is true", "final is not true"),
        *("final is false", "sender is null", "sender is not null", "final is unknown"),
    ),
    "choices": (
        *(
            "case when large > 1 then 'x' else sender end",
            "case large when 1 then 1 when 2 then 2.5 end",
        ),
        *("case when final then 1 else rate end", "case when final then large else price end"),
        *(
            "case when final then moment else cast(moment as date) end",
            "case when final then 'a' end",
        ),
        *("if(final, sender, other)", "if(final, 1, 2.5)", "if(final, sender, null)"),
        *(
            "coalesce(sender, 'x')",
            "coalesce(large, 0.5)",
            "coalesce(rate, 0)",
            "ifnull(other, '')",
        ),
        *("nullif(sender, '')", "nullif(large, 1)", "nullif(rate, 0)", "nullif(price, 0.5)"),
        *("greatest(sender, other)", "greatest(large, 5)", "greatest(rate, 1)", "least(price, 1)"),
        *("greatest(sender, 'b', null)", "least(rate, 1)", "greatest(final, true)"),
        *("least(moment, timestamp '2026-01-01')", "greatest(large, 0.5)"),
    ),
    "arithmetic": (
        *("small + 1", "whole + whole", "large - 1", "price + 1", "price + price", "price - 0.5"),
        *("price + rate", "rate - rate", "small * small", "whole * 2", "price * 2", "price * 0.15"),
        *("price * whole", "price * rate", "rate * rate", "large * price", "-small", "-price"),
        *("-rate", "- -large", "abs(small)", "abs(price)", "abs(rate)", "abs(extreme)"),
        *("price * 1.5 * 0.25", "price * 100 = 5"),
    ),
    "times": (
        *(
            "moment + interval '1' day",
            "moment - interval 90 minute",
            "moment + interval '1' month",
        ),
        *("moment + interval '1' year", "moment - interval 2 week", "moment + interval 5 second"),
        *("moment > timestamp '2026-11-02' - interval '1' hour",),
        *(
            f"date_trunc('{unit}', moment)"
            for unit in (
                *("microsecond", "millisecond", "second", "minute", "hour", "DAY", "week"),
                *("month", "quarter", "year"),
            )
        ),
        *("date_trunc('week', cast(moment as date))", "hour(moment)", "hour(cast(moment as date))"),
        *("date_trunc('day', moment) = date '2026-11-02'", "datetrunc('day', moment)"),
    ),
    "casts": (
        *("cast(large as double)", "price::double", "cast(rate as double)", "moment::date"),
        *("cast('2026-11-01' as date)", "cast('2026-11-01T10:00' as timestamp)"),
        *("cast(moment as timestamp)", "cast(cast(moment as date) as timestamp)"),
        *("try_cast('2026-11-01' as date)", "cast(price as double) * 3"),
    ),
    "functions of text": (
        *("lower(sender)", "lower(other)", "length(sender)", "len(other)", "trim(sender)"),
        *("ltrim(sender)", "rtrim(sender)", "trim(sender, 'a-')", "ltrim(sender, 'A')"),
        *("trim(both 'a' from sender)", "trim(leading from sender)", "left(sender, 0)"),
        *("left(sender, 1)", "left(sender, 100)", "substring(sender, 1, 2)", "substr(sender, 2)"),
        *("substring(sender, -2)", "substring(sender, -2, 1)", "substring(sender, -20, 19)"),
        *("substring(sender, 2, 0)", "substring(sender from 2 for 2)", "substring(sender, 100)"),
        *(
            "split_part(sender, '-', 1)",
            "split_part(sender, '-', -1)",
            "split_part(sender, '.', 2)",
        ),
        *(
            "split_part(sender, '|', 9)",
            "split_part(sender, '--', 2)",
            "split_part(sender, 'ß', 1)",
        ),
        *("starts_with(sender, 'a')", "starts_with(sender, other)", "ends_with(sender, other)"),
        *("sender ^@ 'a'", "concat(sender, other)", "concat(sender, '-', null, other)"),
        *("concat(sender)", "sender || '-' || other", "sender || null", "sender || whole"),
        *("small || ''",),
    ),
    "patterns of like": (
        *("sender like 'a%'", "sender like '%'", "sender like '_'", "sender like ''"),
        *("sender like 'a_b'", "sender like '%b'", "sender not like 'a%'", "sender ~~ '%-%'"),
        *("sender like 'a.b'", "sender ilike 'A%'", "sender ilike '%İ%'", "sender ilike '%is%'"),
        *("sender ilike 'straSSe'", "sender ilike '%ß%'", "sender ilike 'ασ'", "sender ilike 'ας'"),
        *("other ilike 'Σ'", "sender not ilike 'a%'", "sender !~~* 'A%'"),
    ),
    "regular expressions": tuple(
        f"regexp_matches(sender, '{pattern}')"
        for pattern in (
            *("", "a", "a.b", "^a.b$", "^.$", "^..$", "tab$", "a$", "^b", "^[0-9]+$", "^[^a-z]+$"),
            *(r"\d", r"\d{4}-\d{2}", r"^\w+$", r"\W", r"\D+$", r"a\.b", r"^[\w.-]+$", r"\$", r"\\"),
            *("a|b", "(a|b)+$", "(?:a|A)b*?", "a{1,2}", "[$]", "[.]", "é", "ß", "😀.", "^(.)+$"),
            *("''", "[^-]-[^-]", r"\(a\+b\)", r"[\d-]"),
        )
    ),
    "lists": (
        *("list_contains(problems, 'a')", "list_contains(problems, '')", "list_has(problems, 'Ä')"),
        *("array_contains(problems, 'none')", "problems is null", "problems = problems"),
    ),
}
"""By subject. Every kind in ``rules.RULES`` is in one of them."""

DIFFERENT: Final = {
    "upper(sender)": "ß becomes SS there",
    "left(sender, -1)": "nothing there",
    "substring(sender, 0, 2)": "one more letter there",
    "substring(sender, 2, -1)": "nothing there",
    "substring(sender, whole)": "may be 0",
    "split_part(sender, '', 1)": "the whole text there",
    "split_part(sender, '-', 0)": "an error there",
    "split_part(sender, other, 1)": "may be empty",
    "concat(sender, rate)": "digits",
    "sender || rate": "digits",
    "sender || price": "digits, within concat",
    "sender like other": "may have a backslash",
    "sender like '%' || other": "may have a backslash",
    r"sender like 'a\b'": "the backslash escapes there",
    "sender like 'a!%' escape '!'": "not compared",
    "regexp_matches(sender, other)": "another language of patterns",
    "regexp_matches(sender, 'A', 'i')": "the option is lost",
    "regexp_matches(sender, '(?i)a')": "only ASCII there",
    "regexp_matches(sender, '[[:alpha:]]')": "a set of characters there",
    "regexp_matches(sender, '[a&&b]')": "an intersection there",
    "regexp_matches(sender, '[[a]b]')": "a union there",
    r"regexp_matches(sender, '\bb')": "also beside é there",
    r"regexp_matches(sender, '\s')": "a vertical tab too there",
    "regexp_matches(sender, '(?=a)')": "an error here",
    "regexp_matches(sender, 'a++')": "an error here",
    "date_trunc('decade', moment)": "NULL there",
    "date_trunc('d', moment)": "NULL there",
    "date_trunc('isoyear', moment)": "NULL there",
    "cast(moment as date) - cast(moment as date)": "an interval there",
    "cast(moment as date) + interval '1' day": "a date there",
    "cast(moment as date) + 1": "not compared",
    "moment - moment": "not compared",
    "moment + interval '1.5' hour": "an error there",
    "interval '1' month": "an error there",
    "(sender, large) in (('a', 1))": "an error there",
    "list_contains(problems, sender)": "may be NULL",
    "length(problems)": "an error there",
    "cast(sender as double)": "1d is a number there",
    "try_cast(sender as date)": "2026 is a date there",
    "cast('today' as date)": "a date there",
    "moment > '2026-10'": "an error here",
    "large = '1.0'": "an error there",
    "final = 1": "an error there",
    "cast(price as integer) = 1": "rounded, and cut there",
    "price / 0 is null": "an error there",
    "price // 2 = 1": "not compared",
    "large % 2 = 0": "not compared",
    "round(price) = 1": "not compared",
}
"""What is refused, with what it is on Spark."""

_LEAVES: Final = {
    "text": ("sender", "other", "'a'", "'-'", "'İß Σ'"),
    "number": ("small", "whole", "price", "rate", "1", "0.5", "-2.5"),
    "moment": ("moment", "timestamp '2026-10-25 01:00'", "timestamp '2027-01-01'"),
    "truth": ("final", "true"),
}
_SHAPES: Final = {
    "text": (
        *("lower({text})", "trim({text})", "left({text}, 2)", "substring({text}, 2, 1)"),
        *("split_part({text}, '-', 1)", "{text} || {text}", "concat({text}, {text})"),
        *("coalesce({text}, {text})", "case when {truth} then {text} else {text} end"),
        *("greatest({text}, {text})", "nullif({text}, {text})", "if({truth}, {text}, {text})"),
    ),
    "number": (
        *("length({text})", "({number} + {number})", "({number} - {number})", "-({number})"),
        *("abs({number})", "coalesce({number}, {number})", "least({number}, {number})"),
        *("case when {truth} then {number} end", "hour({moment})", "cast({number} as double)"),
        *("({number} * 2)", "nullif({number}, {number})"),
    ),
    "moment": (
        *("date_trunc('week', {moment})", "date_trunc('hour', {moment})"),
        *("({moment} + interval 5 hour)", "({moment} - interval '1' month)"),
        *("coalesce({moment}, {moment})", "greatest({moment}, {moment})"),
        *("cast(cast({moment} as date) as timestamp)",),
    ),
    "truth": (
        *(
            "({text} = {text})",
            "({text} < {text})",
            "({number} <= {number})",
            "({moment} > {moment})",
        ),
        *("({number} between {number} and {number})", "({text} in ({text}, {text}))"),
        *("({text} like '%a_')", "({text} ilike '%S%')", "starts_with({text}, {text})"),
        *("regexp_matches({text}, '^.[^b]*$')", "({text} is null)", "({truth} is true)"),
        *("({truth} and {truth})", "({truth} or {truth})", "(not {truth})"),
        *("({number} is distinct from {number})", "list_contains(problems, 'a')"),
        *("({moment} in ({moment}, '2026-10-25 01:00'))",),
    ),
}
_PLACES: Final = re.compile(r"\{(\w+)\}")


@cache
def expressions(family: str, depth: int = 3) -> st.SearchStrategy[str]:
    """Expressions of one family of types, nested up to a depth."""
    leaves = st.sampled_from(_LEAVES[family])
    if not depth:
        return leaves
    return st.one_of(leaves, *(_filled(shape, depth) for shape in _SHAPES[family]))


def _filled(shape: str, depth: int) -> st.SearchStrategy[str]:
    """A shape, with an expression of the family in each of its places."""
    parts = [expressions(family, depth - 1) for family in _PLACES.findall(shape)]
    return st.tuples(*parts).map(lambda values: _PLACES.sub("{}", shape).format(*values))


ANY: Final = st.one_of(*map(expressions, _SHAPES))
"""Expressions of any family."""
