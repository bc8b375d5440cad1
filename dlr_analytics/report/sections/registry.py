"""The sections of a report, in order, and the condition for each.

HTML, PDF, Markdown and Excel all walk :data:`SECTIONS`, so they cannot differ in what they report.
To add a section, write its module (``tables``, and ``graphics`` where the page draws something) and
its template, and register it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dlr_analytics.presentation.table import Table
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections import (
    cost,
    definitions,
    errors,
    findings,
    groups,
    latency,
    networks,
    outcomes,
    quality,
    trend,
    undelivered,
)


def _no_graphics(_: Report) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report, the same in every format.

    Attributes
    ----------
    title : str
        Its entry in the navigation of the page; empty where it has none.
    anchor : str
        Its ID in the page; empty where nothing links to it.
    shown : callable
        Whether a report has it.
    tables : callable
        What it states: a table is a heading in HTML and Markdown and a sheet in Excel.
    template : str
        How the page writes it; the template sees ``report``, ``tables`` and ``graphics``.
    graphics : callable
        What the template draws beside the tables, by name.
    """

    title: str
    anchor: str
    shown: Callable[[Report], bool]
    tables: Callable[[Report], Sequence[Table]]
    template: str
    graphics: Callable[[Report], Mapping[str, Any]] = _no_graphics


def _always(_: Report) -> bool:
    return True


def _has_messages(report: Report) -> bool:
    return report.tally.messages > 0


def _has_a_trend(report: Report) -> bool:
    """Whether enough is settled for a trend; if not, the top of the report says so."""
    return not report.tally.few


def _has_senders(report: Report) -> bool:
    return any(sender.name is not None for sender in report.senders)


def _has_own(report: Report) -> bool:
    return report.tally.messages > 0 and bool(report.own)


def _lists_messages(report: Report) -> bool:
    return bool(report.undelivered)


SECTIONS: Final = (
    Section("", "", _has_messages, outcomes.tables, "outcomes.html", outcomes.graphics),
    Section("Undelivered", "undelivered", _lists_messages, undelivered.tables, "tables.html"),
    Section(
        "What stands out",
        "findings",
        _has_a_trend,
        findings.tables,
        "findings.html",
        findings.graphics,
    ),
    Section("Trend", "trend", _has_a_trend, trend.tables, "trend.html", trend.graphics),
    Section(
        "Networks", "networks", _has_messages, networks.tables, "networks.html", networks.graphics
    ),
    Section(
        "Senders",
        "senders",
        _has_senders,
        groups.sender_tables,
        "groups.html",
        groups.sender_graphics,
    ),
    Section(
        "Own dimensions", "own", _has_own, groups.own_tables, "groups.html", groups.own_graphics
    ),
    Section("Errors", "errors", _has_messages, errors.tables, "errors.html"),
    Section("Latency", "latency", _has_messages, latency.tables, "latency.html", latency.graphics),
    Section("Cost", "cost", _has_messages, cost.tables, "tables.html"),
    Section("Data quality", "quality", _has_messages, quality.tables, "quality.html"),
    Section("Definitions", "definitions", _always, definitions.tables, "definitions.html"),
)
"""From top to bottom: the questions of a manager first, then those of an engineer."""


def sections(report: Report) -> Iterator[Section]:
    """Yield the sections that a report has."""
    return (section for section in SECTIONS if section.shown(report))


def tables(report: Report) -> Iterator[Table]:
    """Yield the tables of all sections that a report has."""
    return (table for section in sections(report) for table in section.tables(report))
