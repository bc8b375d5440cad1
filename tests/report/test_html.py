"""The page is whole, says what the figures say, and lets nothing of a stranger's through."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.formats.html import render
from dlr_analytics.report.model import Concentration, Country, Place, Remark, Report, Tally
from tests.support.pages import Page

HOSTILE = '<script>alert("x")</script>'


def headings(page: Page) -> list[int]:
    """The levels of headings in order."""
    return [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]


@pytest.fixture(params=["report", "few", "empty"])
def any_report(request: pytest.FixtureRequest) -> Report:
    """Each kind of report."""
    made: Report = request.getfixturevalue(request.param)
    return made


def test_every_kind_of_report_is_well_formed(any_report: Report) -> None:
    page = Page(render(any_report))
    assert page.open == []
    assert page.unbalanced == []


def test_there_is_one_h1_and_no_level_is_skipped(any_report: Report) -> None:
    levels = headings(Page(render(any_report)))
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))


def test_every_link_of_the_navigation_has_its_section(any_report: Report) -> None:
    page = Page(render(any_report))
    ids = {attributes.get("id") for _, attributes in page.tags}
    links = [a["href"] for a in page.all("a")]
    assert links
    assert all((link or "").removeprefix("#") in ids for link in links)


def test_sections_stand_in_the_order_of_a_managers_questions(report: Report) -> None:
    sections = [s["id"] for s in Page(render(report)).all("section") if "id" in s]
    assert sections == [
        *("findings", "trend", "networks", "senders", "errors", "latency", "cost", "quality"),
        "definitions",
    ]


def test_nothing_is_asked_of_a_network(any_report: Report) -> None:
    html = render(any_report)
    page = Page(html)
    assert not [a for _, a in page.tags if a.get("src") or str(a.get("href", "#"))[:1] != "#"]
    assert "url(" not in html
    assert "@import" not in html
    (policy,) = [m for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert (policy["content"] or "").startswith("default-src 'none';")


def test_the_policy_lets_one_script_run_and_no_other(report: Report) -> None:
    html = render(report)
    script = re.search("<script>(.*?)</script>", html, re.DOTALL)
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    (policy,) = [m for m in Page(html).all("meta") if "http-equiv" in m]
    assert f" script-src 'sha256-{digest}';" in (policy["content"] or "")
    assert html.count("<script") == 1


def test_every_table_names_its_columns_and_its_rows(report: Report) -> None:
    page = Page(render(report))
    assert {th.get("scope") for th in page.all("th")} == {"col", "row", "rowgroup"}


def test_every_chart_is_an_image_with_a_sentence_and_every_other_drawing_an_ornament(
    report: Report,
) -> None:
    for svg in Page(render(report)).all("svg"):
        if svg.get("role") == "img":
            assert len((svg["aria-label"] or "").split()) > 8
        else:
            assert svg["aria-hidden"] == "true"


def test_each_chart_has_its_figures_as_a_table_beneath(report: Report) -> None:
    html = render(report)
    for anchor in ("trend", "latency"):
        section = html[html.index(f'id="{anchor}"') :].partition("</section>")[0]
        assert section.index("<table") > section.index('role="img"')


def test_scroll_regions_can_be_reached_and_have_a_name(report: Report) -> None:
    regions = [d for d in Page(render(report)).all("div") if "scroll" in (d.get("class") or "")]
    assert regions
    assert all(r["role"] == "region" and r["tabindex"] == "0" and r["aria-label"] for r in regions)


def test_every_figure_has_a_style_in_every_scheme(report: Report) -> None:
    html = render(report)
    assert "@media screen and (prefers-color-scheme: dark)" in html
    assert "@media (forced-colors: active)" in html
    assert "/*" not in html[html.index(":root") :][:400]
    used = set(re.findall(r"var\((--[\w-]+)\)", html))
    defined = set(re.findall(r"(--[\w-]+):", html))
    assert used <= defined


def column(html: str, table: str, place: int) -> list[int]:
    """The counts in one column of a table's country rows."""
    body = html[html.index(f'<table class="{table}"') :].partition("</table>")[0]
    found = []
    for row in re.findall(r"<tr([^>]*)>(.*?)</tr>", body, re.DOTALL):
        values = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row[1], re.DOTALL)
        if "country" in row[0] or table == "err":
            found.append(re.sub(r"\D", "", re.sub("<[^>]*>", "", values[place])))
    return [int(value) for value in found if value]


def test_columns_add_up_to_the_number_in_the_title(report: Report) -> None:
    html = render(report)
    assert sum(column(html, "net", 5)) == report.tally.messages
    assert sum(column(html, "net", 4)) == report.tally.undelivered
    assert sum(column(html, "err", 1)) == report.tally.undelivered
    assert f"Why {report.tally.undelivered:,} messages were not delivered" in html
    assert f"How {report.tally.messages:,} messages ended" in html


@pytest.fixture
def hostile(
    report: Report, make_place: Callable[..., Place], make_tally: Callable[..., Tally]
) -> Report:
    """A report all of whose strangers' texts are hostile, tamed or not."""
    of = make_tally(5000, 0.9)
    places = tuple(
        make_place(text, text, "XX", HOSTILE, of)
        for text in (HOSTILE, '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0", "A" * 40)
    )
    whole = make_place(None, None, "XX", HOSTILE, of)
    return replace(
        report,
        source=HOSTILE,
        command=f"dlr report --data '{HOSTILE}'",
        countries=(*report.countries, Country(whole, places)),
        reasons=tuple(replace(r, where=Concentration(HOSTILE, 0.9, 0.1)) for r in report.reasons),
        spending=tuple(replace(s, currency=HOSTILE) for s in report.spending),
        latency=replace(
            report.latency, curves=tuple(replace(c, label=HOSTILE) for c in report.latency.curves)
        ),
    )


def test_what_a_stranger_wrote_is_text_and_nothing_else(hostile: Report, report: Report) -> None:
    page = Page(render(hostile))
    assert page.unbalanced == []
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert HOSTILE in page.text("code")
    assert {tag for tag, _ in page.tags} == {tag for tag, _ in Page(render(report)).tags}
    attributes = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in attributes if name.startswith("on")}


def test_an_empty_period_says_what_the_data_has_and_which_command_works(empty: Report) -> None:
    page = Page(render(empty))
    heading = page.text("h1").replace("\N{NO-BREAK SPACE}", " ")
    assert heading == "No messages between 1 and 7 January 2025"
    assert "dlr report --data data --since 2026-10-25" in page.text("code")
    assert page.all("svg") == []


def test_few_undelivered_messages_are_listed_one_by_one(few: Report) -> None:
    page = Page(render(few))
    assert page.text("h1") == "11 of 14 messages were delivered"
    assert "The 3 undelivered messages" in page.text("h2")
    assert "0C000000F1A2B3C1" in page.text("code")
    assert "Delivery rate by day" not in page.text("h2")


def test_nothing_undelivered_is_a_sentence_and_not_an_empty_table(report: Report) -> None:
    page = Page(render(replace(report, reasons=())))
    assert "All settled messages were delivered." in page.text("p")


def test_few_days_are_a_table_and_not_a_line(report: Report) -> None:
    html = render(replace(report, days=report.days[-6:]))
    assert "Too little has settled to draw a line" in html
    assert "Line chart" not in html


def test_an_unknown_rate_leaves_every_section_well_formed(report: Report) -> None:
    def unknown(tally: Tally) -> Tally:
        return replace(tally, rate=None, low=None, high=None)

    def unknown_place(place: Place) -> Place:
        return replace(place, tally=unknown(place.tally))

    unsure = replace(
        report,
        tally=unknown(report.tally),
        days=tuple(replace(d, tally=unknown(d.tally), mature=False) for d in report.days),
        countries=tuple(
            Country(unknown_place(c.whole), tuple(map(unknown_place, c.networks)))
            for c in report.countries
        ),
    )
    page = Page(render(unsure))
    assert page.unbalanced == []
    assert "At least" in page.text("h1")


def test_two_currencies_are_two_tables(report: Report) -> None:
    (euro,) = report.spending
    page = Page(render(replace(report, spending=(euro, replace(euro, currency="USD")))))
    assert "What it cost in EUR" in page.text("h2")
    assert "What it cost in USD" in page.text("h2")


def test_a_large_report_stays_small(report: Report, make_place: Callable[..., Place]) -> None:
    thirty = replace(report, countries=report.countries * 3)
    assert len(render(thirty).encode()) < 175 * 1024


@pytest.mark.parametrize("name", ["", " ", "\u200d", "\u3164"])
def test_no_head_of_a_table_is_empty(report: Report, name: str) -> None:
    text = sanitize(name)
    remarks = (*report.quality, Remark(text, 1, 1, ""))
    speeds = (replace(report.latency.whole, label=text),)
    made = replace(report, quality=remarks, latency=replace(report.latency, places=speeds))
    heads = re.findall(r"<th[^>]*>(.*?)</th>", render(made), re.DOTALL)
    assert heads
    assert [head for head in heads if not re.sub(r"<[^>]*>|\s", "", head)] == []
