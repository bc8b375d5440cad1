"""Kinds of data whose pages are measured, and what is measured in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from dlr_analytics.report.model import Report
from tests.support import reports


def two_currencies() -> Report:
    """Large amounts in two currencies."""
    report = reports.found_report()
    (euro,) = report.spending
    whole = replace(euro.whole, cost=Decimal(12_345_678), wasted=Decimal(1_234_567))
    return replace(report, spending=(replace(euro, whole=whole), replace(euro, currency="SEK")))


def nothing_delivered() -> Report:
    """Every message failed, and the network reports so."""
    report = reports.made_report()
    failed = reports.tally(report.tally.messages, 0.0)
    days = tuple(replace(day, tally=reports.tally(19_000, 0.0)) for day in report.days)
    return replace(report, tally=failed, days=days)


def silent() -> Report:
    """One network sends no final receipts."""
    report = reports.made_report()
    first, *others = report.countries
    networks = tuple(replace(place, is_silent=True) for place in first.networks)
    return replace(report, countries=(replace(first, networks=networks), *others))


def large() -> Report:
    """So many messages that their number fills a card."""
    report = reports.made_report()
    return replace(report, tally=replace(report.tally, messages=999_999, delivered=953_000))


WORLDS: dict[str, Callable[[], Report]] = {
    "good": reports.made_report,
    "incidents": reports.found_report,
    "own dimensions": reports.own_report,
    "few": reports.few_report,
    "small": reports.small_report,
    "crowded": reports.crowded_report,
    "two currencies": two_currencies,
    "nothing delivered": nothing_delivered,
    "silent": silent,
    "large": large,
    "empty": reports.empty_report,
}

BROKEN: Final = """() => [...document.querySelectorAll('.big')].filter(element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const tops = [...range.getClientRects()].map(box => box.bottom);
    const card = element.closest('.card').getBoundingClientRect();
    const text = range.getBoundingClientRect();
    return Math.max(...tops) - Math.min(...tops) > 12 || text.right > card.right + 1;
}).map(element => element.innerText)"""
"""Large numbers on two lines, or wider than their card."""

TEXTS: Final = """() => [...document.querySelectorAll('svg')].filter(
    svg => svg.getBoundingClientRect().width > 0
).flatMap((svg, drawing) => [...svg.querySelectorAll('text')].map(text => {
    const box = text.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a;
    return {drawing, size, text: text.textContent,
        left: box.left, right: box.right, top: box.top, bottom: box.bottom};
}))"""
"""Each text of each drawing that is shown, with its box and its size in pixels."""


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two texts of one drawing cover each other, by more than the edges of letters."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return bool(one["drawing"] == other["drawing"] and across > 1 and down > 4)
