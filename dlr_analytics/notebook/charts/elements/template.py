"""The plotly template ``dlr``, and a figure without an upload button.

Paper and plot are transparent and all colours mid-tones, so that one figure is legible on
JupyterLab's white and on its #111, even if the theme is switched later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import plotly.graph_objects as go
import plotly.io as pio

from dlr_analytics.notebook.charts.elements.offline import with_html
from dlr_analytics.presentation.palette import FONT, MIDTONES

CONFIG: Final = {"displaylogo": False, "showSendToCloud": False, "typesetMath": False}
"""Plotly's own tool bar has a button that uploads the chart's data; a name in dollar signs is no
formula."""

_OF_NOTEBOOKS: Final = {"plotly_mimetype", "jupyterlab", "nteract", "vscode"}
"""Plotly's names for what it shows in notebooks unless the user chooses."""

INK: Final = MIDTONES["unknown"]

CHART_FONT: Final = f"dlr-chart, {FONT}"
"""No font has the first name: it marks the texts of these charts for style sheets."""


def faint(hue: str, strength: float) -> str:
    """A colour with reduced opacity.

    Examples
    --------
    >>> faint("#2F81C4", 0.25)
    'rgba(47, 129, 196, 0.25)'
    """
    red, green, blue = (int(hue[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {strength})"


def template() -> go.layout.Template:
    """The plotly template ``dlr``, which ``%load_ext dlr_analytics`` registers.

    Examples
    --------
    >>> template().layout.paper_bgcolor
    'rgba(0,0,0,0)'
    """
    axis = {
        "gridcolor": faint(INK, 0.22),
        "linecolor": faint(INK, 0.5),
        "zeroline": False,
        "automargin": True,
        "ticks": "",
        "title": {"text": ""},
    }
    layout = go.Layout(
        font={"family": CHART_FONT, "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        colorway=list(MIDTONES.values()),
        showlegend=False,
        margin={"l": 44, "r": 24, "t": 64, "b": 32},
        title={
            "x": 0,
            "xanchor": "left",
            "xref": "container",
            "y": 1,
            "yanchor": "top",
            "yref": "container",
            "pad": {"t": 10, "l": 4},
            "font": {"size": 17},
            "subtitle": {"font": {"size": 12, "color": INK}},
        },
        hovermode="closest",
        # Transparent paper would leave the text of a hover box on whatever is below it.
        hoverlabel={
            "bgcolor": "#16191D",
            "bordercolor": INK,
            "font": {"family": CHART_FONT, "size": 13, "color": "#FFFFFF"},
            "align": "left",
        },
        xaxis={**axis, "showgrid": False},
        yaxis=axis,
        bargap=0.35,
    )
    return go.layout.Template(layout=layout)


def register_template() -> None:
    """Register the template as ``dlr``, so that charts of the user can match ours.

    Examples
    --------
    >>> register_template()
    >>> go.Figure(layout={"template": "dlr"}).layout.template.layout.showlegend
    False
    """
    pio.templates["dlr"] = template()


class Chart(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A plotly figure without plotly's logo and upload button."""

    def show(self, *args: Any, **options: Any) -> None:
        if args or options or pio.renderers.default not in _OF_NOTEBOOKS:
            super().show(*args, **_private(options))
            return
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]

    def to_html(self, *args: Any, **options: Any) -> Any:
        return super().to_html(*args, **_private(options))

    def write_html(self, *args: Any, **options: Any) -> None:
        super().write_html(*args, **_private(options))

    def _repr_mimebundle_(self, *args: Any, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(*args, **_private(options))
        return with_html(bundle) if bundle else bundle

    def _ipython_display_(self) -> None:
        if pio.renderers.render_on_display and pio.renderers.default:
            self.show()
        else:
            super()._ipython_display_()


def _private(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, "config": {**CONFIG, **(options.get("config") or {})}}
