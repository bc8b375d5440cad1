"""The report as one HTML file that needs nothing beside it: no script, no network, no font."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import FONT, MONO, css_variables
from dlr_analytics.presentation.table import CODE
from dlr_analytics.report import advice, contents, definitions, fold, headline, trust
from dlr_analytics.report.model import Report
from dlr_analytics.report.svg import cells
from dlr_analytics.report.svg.latency import latency_curves
from dlr_analytics.report.svg.rate import rate_by_day

DAYS_FOR_A_LINE: Final = 7
"""A line over fewer days says nothing that their figures do not."""


class Section(NamedTuple):
    """One part of the page: where the navigation leads, its template, and when it is there."""

    anchor: str
    name: str
    template: str
    shown: Callable[[Report], bool]


def _messages(report: Report) -> bool:
    return report.tally.messages > 0


def _many(report: Report) -> bool:
    """Enough that a table or a chart says more than the figures on top do."""
    return not report.tally.few


def _several(report: Report) -> bool:
    return _many(report) or len(report.networks) > 1


SECTIONS: Final = (
    Section("", "", "cards.html", _messages),
    Section("", "", "ended.html", _messages),
    Section("", "", "empty.html", lambda report: not _messages(report)),
    Section("undelivered", "Undelivered", "undelivered.html", lambda r: bool(r.undelivered)),
    Section("trend", "Trend", "trend.html", _many),
    Section("networks", "Networks", "networks.html", _several),
    Section("errors", "Errors", "errors.html", _many),
    Section("latency", "Latency", "latency.html", _messages),
    Section("cost", "Cost", "cost.html", _several),
    Section("quality", "Data quality", "quality.html", _messages),
    Section("definitions", "Definitions", "definitions.html", _messages),
)
"""The page from top to bottom: the questions of a manager first, then those of an engineer."""


def render(report: Report) -> str:
    """Write the page.

    Parameters
    ----------
    report : Report
        What :func:`dlr_analytics.report.gather.report.gather` gathered.

    Returns
    -------
    str
        A whole HTML document. All that is not ours is escaped.
    """
    sections = [section for section in SECTIONS if section.shown(report)]
    style, script = _source("style.css"), _source("table.js")
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            sections=sections,
            style=Markup(style),  # noqa: S704 - ours, without a value in it
            script=Markup(script),  # noqa: S704 - ours, without a value in it
            script_hash=_hash(script),
            **_pictures(report),
        )
    )


def _pictures(report: Report) -> dict[str, Any]:
    folded = fold.fold(report)
    places = [*report.networks, *(group.whole for group in folded.groups)]
    days = [d for d in report.days if d.mature]
    settled_enough = len(days) >= DAYS_FOR_A_LINE and not report.tally.few
    drawable = report.latency.curves and not report.latency.whole.few
    return {
        "folded": folded,
        "scale": cells.interval_scale(place.tally for place in places),
        "trend": rate_by_day(report.days, report.tally) if settled_enough else None,
        "curves": latency_curves(report.latency.curves) if drawable else None,
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dlr_analytics.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "words": formats,
        "headline": headline,
        "contents": contents,
        "advice": advice,
        "trust": trust,
        "cells": cells,
        "most_rows": fold.MOST_ROWS,
        "definitions": definitions.DEFINITIONS,
        "code_kind": CODE,
        "with_code": with_code,
    }
    return environment


def with_code(sentence: str) -> Markup:
    """A sentence of ours, escaped, with what stands in backticks as code.

    >>> print(with_code("Try `dlr status` & wait."))
    Try <code>dlr status</code> &amp; wait.
    """
    parts = sentence.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if odd % 2 else part
        for odd, part in enumerate(parts)
    )


@cache
def _source(name: str) -> str:
    """The style sheet with the palette in it, or the script, as they are written into the page."""
    loader = PackageLoader("dlr_analytics.report")
    text, _, _ = loader.get_source(Environment(autoescape=True), name)
    parts = {"font": FONT, "mono": MONO}
    parts |= {scheme: css_variables(scheme) for scheme in ("light", "dark", "forced")}
    for name_, value in parts.items():
        text = text.replace(f"/*{name_}*/", value)
    return text


def _hash(script: str) -> str:
    """What the content policy lets run: this script and no other."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
