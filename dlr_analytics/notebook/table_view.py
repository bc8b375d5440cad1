"""The preview of a result as a table, for a notebook and for a terminal."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from dlr_analytics.notebook.preview import Column, Preview, preview
from dlr_analytics.presentation.formats import counted
from dlr_analytics.presentation.palette import PALETTE
from dlr_analytics.presentation.text_table import aligned
from dlr_analytics.report.svg.cells import interval, interval_head, interval_scale
from dlr_analytics.report.svg.elements import tag

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


def html(result: Result) -> str:
    """Render a table of at most ten rows in the colours of the surrounding theme."""
    seen = preview(result)
    return str(
        tag(
            "div",
            tag("style", _style()),
            tag("b", seen.title),
            tag("p", seen.caption),
            _table(seen),
            tag("p", _more(seen), *_calls(seen)),
            class_="dlr",
        )
    )


def text(result: Result) -> str:
    """Render the same table for a terminal."""
    seen = preview(result)
    columns = (*seen.by, *seen.columns)
    rows = list(zip(*((c.head, *c.texts) for c in columns), strict=True))
    lines = aligned(rows, [c.figure for c in columns])
    last = f"{_more(seen)}{' '.join(seen.calls)}"
    return "\n".join([seen.title, seen.caption, "", *lines, "", last])


def _table(seen: Preview) -> Markup:
    columns = (*seen.by, *seen.columns)
    heads = [tag("th", _breakable(c.head), scope="col", class_=_side(c)) for c in columns]
    rows = [
        [tag("td", c.texts[at], class_=_side(c)) for c in columns]
        for at in range(len(columns[0].texts))
    ]
    if seen.tallies:
        _add_intervals(seen, heads, rows)
    body = [tag("tr", *cells) for cells in rows]
    table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *body))
    return tag("div", table, tabindex="0", role="region", aria_label=seen.title)


def _add_intervals(seen: Preview, heads: list[Markup], rows: list[list[Markup]]) -> None:
    """Insert a drawing of each row's interval after its rate, on a common scale."""
    scale = interval_scale(seen.tallies)
    at = len(seen.by) + 1
    heads.insert(at, tag("th", interval_head(scale), scope="col"))
    for cells, tally in zip(rows, seen.tallies, strict=True):
        cells.insert(at, tag("td", interval(tally, scale)))


def _breakable(head: str) -> Markup:
    """A column head that may wrap after each underscore."""
    return Markup("_<wbr>").join(head.split("_"))


def _side(column: Column) -> str | None:
    return "n" if column.figure else None


def _more(seen: Preview) -> str:
    """The number of rows and columns left out: the beginning of the last line."""
    rows = counted(seen.more_rows, "more row") if seen.more_rows else ""
    columns = counted(seen.more_columns, "more column") if seen.more_columns else ""
    left_out = " and ".join(filter(None, [rows, columns]))
    return f"{left_out}: " if left_out else ""


def _calls(seen: Preview) -> list[Markup | str]:
    calls: list[Markup | str] = []
    for call in seen.calls:
        calls += [" · ", tag("code", call)]
    return calls[1:]


@cache
def _style() -> Markup:
    """The style sheet of the table, scoped to ``.dlr``."""
    sheet = resources.files(__package__) / "notebook.css"
    hue = PALETTE["delivered"]
    dark = "[data-jp-theme-light=false] .dlr,.vscode-dark .dlr,.vscode-high-contrast .dlr"
    hues = f".dlr{{--hue:{hue.light}}}{dark}{{--hue:{hue.dark}}}"
    return Markup(hues + sheet.read_text(encoding="utf-8"))  # noqa: S704  # our own style sheet
