"""An estimate by scts above the push time, an upper bound, is named in the row it concerns."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dlr_analytics.report.formats import excel, html, markdown
from dlr_analytics.report.headline import cards
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections import latency
from dlr_analytics.report.speeds import Latency, Speed
from tests.support import reports


def speed(label: str, half: float | None, most: float | None) -> Speed:
    """Half confirmed by push within 10 s, 95 % within 200 s; by scts as given."""
    made = reports.speed(label, 5000, 10)
    return replace(made, scts_p50=half, scts_p50_margin=1, scts_p95=most, scts_p95_margin=9)


@pytest.fixture
def doubtful(report: Report) -> Report:
    """A report of four networks, two of them with estimates that cannot be right."""
    places = (
        speed("One", 14, 150),
        speed("Two", 8, 150),
        speed("Both", 12, 260),
        speed("–", None, None),
    )
    whole = speed("All networks", 8, 150)
    return replace(report, latency=replace(report.latency, whole=whole, places=places))


@pytest.mark.parametrize(
    ("half", "doubt"), [(None, False), (8.0, False), (10.5, False), (11.0, False), (11.5, True)]
)
def test_above_means_above_any_push_time_cut_to_that_second(
    half: float | None, doubt: bool
) -> None:
    assert speed("Place", half, None).p50_doubtful is doubt
    assert speed("Place", None, half and half + 190).p95_doubtful is doubt


def test_each_row_says_which_estimate_is_above(doubtful: Report) -> None:
    (table,) = latency.tables(doubtful)
    at = [column.head for column in table.columns].index(latency.DOUBT)
    assert [row[at] for row in table.rows] == ["no", "half", "no", "half and 95%", None]


def test_the_page_marks_the_figure_and_its_word(doubtful: Report) -> None:
    text = html.render(doubtful)
    (row,) = re.findall(r"<tr>\s*<th scope=\"row\">One</th>.*?</tr>", text, re.DOTALL)
    assert re.findall(r'caution">([^<]*)<', row) == ["14 s", "half"]
    (other,) = re.findall(r"<tr>\s*<th scope=\"row\">Two</th>.*?</tr>", text, re.DOTALL)
    assert "caution" not in other


def test_markdown_and_workbook_say_it_in_the_row_too(doubtful: Report, tmp_path: Path) -> None:
    assert re.search(r"\| One \|.*\| half \|", markdown.render(doubtful))
    excel.write(doubtful, tmp_path / "report.xlsx")
    rows = load_workbook(tmp_path / "report.xlsx")["Latency"].iter_rows(values_only=True)
    assert "half and 95%" in next(row for row in rows if row[0] == "Both")


def test_without_an_estimate_above_the_bound_there_is_no_column_for_it(
    doubtful: Report,
) -> None:
    fine = (speed("Two", 8, 150),)
    (table,) = latency.tables(replace(doubtful, latency=replace(doubtful.latency, places=fine)))
    assert latency.DOUBT not in [column.head for column in table.columns]
    assert not table.careful


def test_the_card_shows_the_proven_share_and_the_estimate_beside_it(report: Report) -> None:
    whole = replace(speed("All", 8, 150), scts_within_30s=0.934, scts_within_30s_margin=0.021)
    card = cards(replace(report, latency=replace(report.latency, whole=whole)))[2]
    assert (card.name, card.text) == ("Confirmed within 30 s", "89.6%")
    assert "estimate by scts: 93.4% (±\N{NO-BREAK SPACE}2.1%)" in card.notes
    without = replace(whole, scts_within_30s=None, scts_within_30s_margin=None)
    card = cards(replace(report, latency=replace(report.latency, whole=without)))[2]
    assert not [note for note in card.notes if "estimate" in note]


def test_estimates_by_scts_are_shown_where_too_few_pushes_are_measured(report: Report) -> None:
    few = replace(report, latency=Latency(replace(speed("All", 8, 150), measured=9), (), ()))
    (table,) = latency.tables(few)
    row = dict(zip([column.head for column in table.columns], table.rows[0], strict=True))
    assert (row["Half within"], row["Half by scts"]) == (None, 8)
    page = html.render(few)
    assert "Half by scts" in page
    assert "Rising curves" not in page
