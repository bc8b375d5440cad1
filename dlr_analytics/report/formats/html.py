"""Write a report as one HTML file that loads nothing: no network, no font."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import FONT, MONO, css_variables
from dlr_analytics.presentation.table import CODE
from dlr_analytics.report import headline
from dlr_analytics.report.fold import MOST_ROWS
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.changed import is_compared
from dlr_analytics.report.sections.networks import NO_CODE
from dlr_analytics.report.sections.registry import sections
from dlr_analytics.report.svg import cells

_UNIT: Final = re.compile(
    r"(\d) (?=(?:s|min|h|points?|January|February|March|April|May|June|July|August|September"
    r"|October|November|December)\b)"
)


def render(report: Report) -> str:
    """Render the page.

    Parameters
    ----------
    report : Report
        The figures from :func:`dlr_analytics.report.gather.report.gather`.

    Returns
    -------
    str
        A complete HTML document. All values are escaped.
    """
    parts = [(each, each.tables(report), each.graphics(report)) for each in sections(report)]
    style, script = _source("style.css"), _source("table.js")
    return (
        environment()
        .get_template("page.html")
        .render(
            report=report,
            parts=parts,
            compared=is_compared(report),
            style=Markup(style),  # noqa: S704 - ours, without a value in it
            script=Markup(script),  # noqa: S704 - ours, without a value in it
            script_hash=_hash(script),
        )
    )


def trend_page(chart: Markup) -> str:
    """Render a page of one chart in its wide drawing, for a picture of it."""
    style = f"{_source('style.css')} body {{ padding: 8px; }}"
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style>{chart}'


@cache
def environment() -> Environment:
    """The templates of pages and mails, with the functions that they use."""
    found = Environment(
        loader=PackageLoader("dlr_analytics.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {
        "formats": formats,
        "headline": headline,
        "cells": cells,
        "no_code": NO_CODE,
        "most_rows": MOST_ROWS,
        "code_kind": CODE,
        "with_code": with_code,
        "css_text": css_text,
        "bound": bound,
    }
    return found


def with_code(sentence: str) -> Markup:
    """Escape a sentence, with the parts in backticks as code.

    >>> print(with_code("Try `dlr status` & wait."))
    Try <code>dlr status</code> &amp; wait.
    """
    parts = sentence.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if odd % 2 else part
        for odd, part in enumerate(parts)
    )


def bound(sentence: str) -> str:
    """Bind numbers to their units, and days to their months, with no-break spaces.

    >>> bound("half in 5 s since 9 November") == "half in 5\xa0s since 9\xa0November"
    True
    """
    return _UNIT.sub("\\1\N{NO-BREAK SPACE}", sentence)


def css_text(text: str) -> Markup:
    """Escape text for a string in a style sheet, where HTML's escapes mean nothing.

    >>> print(css_text('SMS, "May" </style>'))
    SMS, \\22 May\\22  \\3c \\2f style\\3e
    """
    return Markup(re.sub(r"[^\w ,.-]", lambda found: f"\\{ord(found[0]):x} ", text))  # noqa: S704


@cache
def _source(name: str) -> str:
    """Load the style sheet, filled with the palette, or the script of the page."""
    loader = PackageLoader("dlr_analytics.report")
    text, _, _ = loader.get_source(Environment(autoescape=True), name)
    parts = {"font": FONT, "mono": MONO}
    parts |= {scheme: css_variables(scheme) for scheme in ("light", "dark", "forced")}
    for name_, value in parts.items():
        text = text.replace(f"/*{name_}*/", value)
    return text


def _hash(script: str) -> str:
    """Hash the script, as the content security policy names it."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
