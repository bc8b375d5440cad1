"""``dlr STUDY``: the same rows as ``dlr query STUDY``, in four formats, and common mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.analysis.metrics import QUESTIONS, STUDIES
from tests.support.commands import Done, run
from tests.support.quick import pairs

Ask = Callable[..., Done]

PREFER = {"compare": ("--periods", "5")}
"""Arguments that suit the sample, which is 35 days long."""

NAMES = [name for name in STUDIES if name not in {"scts-offsets", "watch"}]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    return lambda *arguments: run(capsys, *arguments)


@pytest.mark.thorough
@pytest.mark.parametrize(("study", "form"), pairs(NAMES, ["table", "csv", "json", "md"]))
def test_a_study_is_answered_in_every_format(study: str, form: str, ask: Ask) -> None:
    arguments = (*PREFER.get(study, ()), "--data", "tests/data/sample", "--format", form)
    done = ask(study, *arguments)
    assert (done.code, done.err) == (0, "")
    assert done.out == ask("query", study, *arguments[-4:]).out or study in PREFER
    for column in STUDIES[study].columns:
        assert column.replace("_", r"\_" if form == "md" else "_") in done.out or form == "json"


@pytest.mark.parametrize(
    ("study", "parameter"),
    [(name, parameter) for name, one in STUDIES.items() for parameter in one.without],
)
def test_a_parameter_that_a_study_does_not_take_is_an_unknown_keyword(
    study: str, parameter: str, ask: Ask
) -> None:
    option = f"--{parameter.replace('_', '-')}"
    assert ask(study, option, "x", "--data", "tests/data/sample").code == 2
    done = ask("query", study, option, "x", "--data", "tests/data/sample")
    assert (done.code, done.out) == (2, "")
    assert f"unknown keyword '{parameter}'" in done.err


@pytest.mark.thorough
@pytest.mark.parametrize(
    "question", [name for name, one in QUESTIONS.items() if "since" not in one.without]
)
def test_each_metric_and_study_takes_a_time_before_as_of(question: str, ask: Ask) -> None:
    arguments = ("query", question, "--data", "tests/data/sample", "--format", "json")
    done = ask(*arguments, "--since", "7d", "--as-of", "2026-11-20")
    assert (done.code, done.err) == (0, "")
    assert ask(*arguments, "--since", "7d").code == 0
    if question not in {"compare", "decompose"}:
        exact = ask(*arguments, "--since", "2026-11-13", "--as-of", "2026-11-20")
        assert exact.out == done.out


@pytest.mark.thorough
@pytest.mark.parametrize("study", NAMES)
def test_without_receipts_there_are_no_rows_or_one_line_says_why(
    study: str, tmp_path: Path, ask: Ask
) -> None:
    done = ask(study, "--data", tmp_path, "--format", "json")
    assert done.code in {0, 2}
    assert len(done.err.splitlines()) == 1
    assert done.code or json.loads(done.out) == []


@pytest.mark.parametrize(
    ("study", "option"),
    pairs(NAMES, ["--tz=Mars/Olympus", "--as-of=yesterday", "--where=price >", "--where=1) or (1"]),
)
def test_an_unreadable_option_is_one_line_and_exit_2(study: str, option: str, ask: Ask) -> None:
    done = ask(study, option, "--data", "tests/data/sample")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


GROUPED = [name for name in [*NAMES, "watch"] if "by" not in STUDIES[name].without]
UNGROUPED = [name for name in NAMES if name not in GROUPED]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("study", "option"), pairs(GROUPED, ["--where", "--by"]) + pairs(UNGROUPED, ["--where"])
)
def test_what_fails_on_some_messages_is_named(study: str, option: str, ask: Ask) -> None:
    text = "cast(case when network_code = '23410' then network end as integer)"
    given = f"{text} is null" if option == "--where" else f"x={text}"
    done = ask(study, option, given, "--data", "tests/data/sample", "--as-of", "2026-11-23")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"dlr: {'where' if option == '--where' else 'by: x'}: ")
    assert len(done.err.splitlines()) == 1
