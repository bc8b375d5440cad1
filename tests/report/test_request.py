"""The options of a report are read strictly, and repeated as a command that a shell can read."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.report.command import line
from dlr_analytics.report.formats import html
from dlr_analytics.report.gather.period import month_days
from dlr_analytics.report.request import LONGEST_TITLE, parse

# An argument of a process has no NUL, and text from a command line is UTF-8.
ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY_TEXT | st.text("'`\\$\"\n |!*x"), min_size=1))
def test_a_shell_reads_back_the_words_of_a_command(words: list[str]) -> None:
    command = line(["printf", r"%s\0", *words])
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert done.stdout.decode("utf-8").split("\0")[:-1] == words
    assert command.isprintable()
    assert "`" not in command


@given(ANY_TEXT)
def test_a_style_sheet_reads_back_the_text_of_a_string_and_nothing_ends_it(text: str) -> None:
    escaped = str(html.css_text(text))
    assert not set(escaped) & set("\"'<>&\n\r\f")
    read, rest = "", escaped
    while rest:
        before, mark, rest = rest.partition("\\")
        read += before
        if mark:
            code, _, rest = rest.partition(" ")
            read += chr(int(code, 16))
    assert read == text


@given(st.dates(date(1, 1, 1), date(9999, 11, 30)))
def test_a_month_runs_from_its_first_day_to_the_first_of_the_next(day: date) -> None:
    first, end = month_days(f"{day:%Y-%m}" if day.year > 999 else f"{day.year:04d}-{day:%m}")
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    assert day in days
    assert {(each.year, each.month) for each in days} == {(day.year, day.month)}
    assert end.day == 1


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "0000-01", "9999-12", "2026-1", "november", "", "٢٠٢٦-11", 11]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(UnreadableValue, match="is no month; write it like 2026-11"):
        month_days(month)


@pytest.mark.parametrize(("given_", "share"), [("95%", 0.95), (0.95, 0.95), ("0.5", 0.5), (1, 1.0)])
def test_a_target_is_a_share_or_a_percentage(given_: float | str, share: float) -> None:
    assert parse({"target": given_}).target == share


@pytest.mark.parametrize("target", ["95", "0", "-1%", "101%", "nan", "inf", "much", "", "%", 95])
def test_a_target_that_is_no_rate_is_refused(target: float | str) -> None:
    with pytest.raises(UnreadableValue, match=r"write it like 0\.95 or 95%"):
        parse({"target": target})


def test_a_title_is_one_line_of_limited_length() -> None:
    assert parse({"title": " a\n\tb\u202e "}).title == "a b�"
    assert parse({"title": " \n"}).title == ""
    assert len(parse({"title": "x" * LONGEST_TITLE}).title) == LONGEST_TITLE
    with pytest.raises(UnreadableValue, match="10,000 characters; give at most 200"):
        parse({"title": "x" * 10_000})
