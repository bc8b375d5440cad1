"""HTML of charts, for exported notebooks: plotly.js once, and each figure.

JupyterLab and VS Code draw a chart from its MIME type. Exporters like ``nbconvert`` drop that type
and keep HTML, so a chart has both. The library is in the output of ``%load_ext dlr_analytics``,
compressed, and runs only where the HTML of a chart asks for it: nothing is fetched.
"""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from plotly.offline import get_plotlyjs

FIGURE: Final = "application/vnd.plotly.v1+json"
"""The MIME type that notebooks draw themselves."""

_DRAW: Final = Path(__file__).with_name("offline.js")


@cache
def library() -> str:
    """Return plotly.js as HTML that does nothing by itself.

    Examples
    --------
    >>> library()[:57]
    '<script type="application/gzip" class="dlr-plotly">H4sIAA'
    """
    packed = base64.b64encode(
        gzip.compress(get_plotlyjs().encode(), compresslevel=6, mtime=0)
    ).decode()
    return f'<script type="application/gzip" class="dlr-plotly">{packed}</script>'


def with_html(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Add HTML to the MIME bundle of a chart that has only a figure.

    Examples
    --------
    >>> sorted(with_html({FIGURE: {"data": [], "layout": {}, "config": {}}}))
    ['application/vnd.plotly.v1+json', 'text/html']
    """
    if list(bundle) != [FIGURE]:
        return dict(bundle)
    return {**bundle, "text/html": _html(bundle[FIGURE])}


def _html(figure: Mapping[str, Any]) -> str:
    # A name in the data must not end the script.
    text = json.dumps(figure).replace("<", "\\u003c")
    place = f"dlr-{uuid.uuid4()}"
    height = int(figure["layout"].get("height") or 450)
    draw = _DRAW.read_text(encoding="utf-8")
    return (
        f'<div id="{place}" style="min-height:{height}px">This chart needs JavaScript.</div>'
        f"<script>({draw.strip()})({json.dumps(place)}, {text});</script>"
    )
