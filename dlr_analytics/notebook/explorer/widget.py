"""The widget: an exploration, and the script that draws it."""

from __future__ import annotations

import html
from importlib import resources
from typing import Any, Final

import anywidget
import traitlets

from dlr_analytics.analysis.explore.exploration import Exploration
from dlr_analytics.analysis.result import Result
from dlr_analytics.analysis.timezones import Moment
from dlr_analytics.errors import DlrError
from dlr_analytics.notebook.explorer.view import Labels, View, view
from dlr_analytics.presentation.palette import FONT, MONO, css_variables

_SCRIPTS: Final = ("elements.js", "axis.js", "explorer.js")


def _read(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _style() -> str:
    """The style sheet, with the palette for the host's light and dark theme."""
    dark = (
        "[data-jp-theme-light=false] .dlr-explorer,.vscode-dark .dlr-explorer,"
        ".vscode-high-contrast:not(.vscode-high-contrast-light) .dlr-explorer"
    )
    fonts = f"--sans:{FONT};--mono:{MONO}"
    return (
        f".dlr-explorer{{{css_variables('light')}{fonts}}}{dark}{{{css_variables('dark')}}}"
        f"@media (forced-colors:active){{.dlr-explorer{{{css_variables('forced')}}}}}"
        + _read("explorer.css")
    )


class Explorer(anywidget.AnyWidget):
    """An explorer of messages; :meth:`Database.explore` makes one.

    All state is in Python. The script is sent finished texts and places, and sends back what was
    clicked.
    """

    _esm = "\n".join(map(_read, _SCRIPTS))
    _css = _style()
    _view = traitlets.Dict().tag(sync=True)

    def __init__(self, exploration: Exploration) -> None:
        self._exploration = exploration
        self._labels = Labels(exploration)
        self._expanded: set[str] = set()
        super().__init__(_view=self._drawn())
        self.on_msg(self._clicked)

    def select(self, /, **columns: Any) -> None:
        """Select values of columns: one value or several, None for NULL.

        Another column adds to the selection, the same column again replaces its values; an empty
        list lifts them.

        Raises
        ------
        UnknownName
            If there is no such column or own dimension.
        UnreadableValue
            If a value is none of the column.
        """
        self._exploration.select(**columns)
        self._draw()

    def brush(self, since: Moment | None = None, until: Moment | None = None) -> None:
        """Narrow the period to times from ``since`` to before ``until``; None is open.

        Raises
        ------
        UnreadableValue
            If a time cannot be parsed, or they are in the wrong order.
        """
        self._exploration.brush(since, until)
        self._draw()

    def clear(self) -> None:
        """Lift selections and brush; what ``explore`` was given stays."""
        self._exploration.clear()
        self._draw()

    @property
    def code(self) -> str:
        """The call that gives what the course shows."""
        return self._exploration.code

    @property
    def result(self) -> Result:
        """The result of that call, as of now."""
        return self._exploration.result

    def __repr__(self) -> str:
        """Return the headline and the call."""
        return f"{self._sentence()}\n{self.code}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Add a form without script: for exports, and where no widget can be shown."""
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            caption, code = (html.escape(text) for text in (self._view["caption"], self.code))
            data["text/html"] = (
                f"<p><b>{html.escape(self._sentence())}</b><br>{caption}</p><pre>{code}</pre>"
            )
        return bundle

    def _sentence(self) -> str:
        said = self._view["headline"]
        notes = ", ".join(filter(None, (said["interval"], said["bounds"])))
        sentence = f"{said['share']} {said['text']}".strip()
        return f"{sentence} ({notes})" if notes else sentence

    def _drawn(self, error: str = "") -> View:
        before = self._view.get("version", 0) if self._view else 0
        drawn = view(self._exploration, self._labels, self._expanded)
        return drawn | {"error": error, "version": before + 1}

    def _draw(self, error: str = "") -> None:
        self._view = self._drawn(error)

    def _clicked(self, _widget: object, message: Any, _buffers: object) -> None:
        """Do what a message of the script says; an error is shown, and changes nothing."""
        try:
            self._do(**message)
        except DlrError as error:
            self._draw(str(error))
        else:
            self._draw()

    def _do(
        self,
        click: str,
        name: str = "",
        number: int = 0,
        since: str | None = None,
        until: str | None = None,
        *,
        add: bool = False,
    ) -> None:
        x = self._exploration
        if click == "value":
            x.toggle(name, self._labels.value(name, number), add=add)
        elif click == "lift":
            x.select(**{name: []})
        elif click == "brush":
            x.brush(since, until)
        elif click == "expand":
            self._expanded ^= {name}
        else:
            x.clear()
