"""What is let through on Spark has the same value there as on DuckDB, row by row."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.filters import Filters
from dlr_analytics.spark.portable import must_be_alike
from dlr_analytics.spark.sessions import own_session
from tests.spark.alike_expressions import ANY, EXPRESSIONS
from tests.spark.alike_rows import BothEngines

pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def both(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> BothEngines:
    """The rows on both engines."""
    return BothEngines(tmp_path_factory.mktemp("rows"), own_session(spark))


@pytest.mark.parametrize("subject", EXPRESSIONS)
def test_an_expression_has_the_same_value_on_both_engines(subject: str, both: BothEngines) -> None:
    assert both.differing(EXPRESSIONS[subject]) == []


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(texts=st.lists(ANY, min_size=30, max_size=40))
def test_any_combination_has_the_same_value(texts: list[str], both: BothEngines) -> None:
    for text in texts:
        must_be_alike(Filters(expressions=(("mine", text),)), both.connection)
    assert both.differing(texts) == []


def test_each_character_has_the_same_values(both: BothEngines, tmp_path: Path) -> None:
    """Lower case, spaces and patterns, for every character of Unicode that has a name here."""
    named = [code for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in "CnCsCo"]
    both.connection.execute("create table codes as select unnest($1)::integer as code", [named])
    texts = (
        *("lower(letter)", "trim(letter)", "length(letter)", "letter ilike '_'", "left(letter, 1)"),
        *("letter ilike 's'", "letter ilike 'σ'", "letter < 'é'", "substring(letter, 1, 1)"),
        *(rf"regexp_matches(letter, '{pattern}')" for pattern in ("^.$", r"\d", r"\w", "[^a]")),
        "split_part(letter || '-b', '-', 2)",
    )
    values = ", ".join(f"({text}) as v{at}" for at, text in enumerate(texts))
    both.connection.execute(
        f"create table letters as select code, letter, {values}"
        " from (select code, chr(code) as letter from codes)"
    )
    found = both.connection.table("letters")
    kinds = dict(zip(found.columns, map(str, found.types), strict=True))
    both.read(tmp_path / "letters.parquet", "letters", kinds)
    alike = " and ".join(f"({text}) is not distinct from v{at}" for at, text in enumerate(texts))
    differing = both.engine.rows(f"select code, letter from letters where not ({alike})")
    assert len(named) > 140_000
    assert differing == []
