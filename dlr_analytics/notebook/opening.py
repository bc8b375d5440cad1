"""The heading and the computed sentences of the notebooks that are shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from dlr_analytics.analysis.selection import Selection
from dlr_analytics.notebook.shipped import sample
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.captions import counted
from dlr_analytics.settings import given_setting

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result

_LONGEST: Final = 1000
"""Characters of a paragraph: enough for a title, a path or a condition."""

_SIMULATED: Final = "The data is the simulated sample that comes with dlr_analytics."


def data_directory(data: str | None) -> Path:
    """Return ``data``, else the directory of the settings, else the sample.

    Examples
    --------
    >>> data_directory("data/november").as_posix()
    'data/november'
    """
    given: Path | None = given_setting("data", data)
    return sample() if given is None else given


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs in a notebook; what they quote from data is never read as HTML.

    Examples
    --------
    >>> Text(("Sent by <b>",))._repr_html_()
    '<p>Sent by &lt;b&gt;</p>'
    >>> Text(("400 messages.",), title="November")
    November
    400 messages.
    """

    paragraphs: tuple[str, ...]
    title: str = ""

    def _repr_html_(self) -> str:
        head = Markup("<h1>{}</h1>").format(self.title) if self.title else ""
        return str(head + Markup("").join(Markup("<p>{}</p>").format(p) for p in self.paragraphs))

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self.title, *self.paragraphs)))


def say(*paragraphs: str) -> Text:
    """Return computed sentences to display; all but their letters is escaped.

    Examples
    --------
    >>> say("No network is silent.")
    No network is silent.
    """
    return Text(tuple(sanitize(paragraph, _LONGEST) for paragraph in paragraphs))


def heading(db: Database, title: str, result: Result) -> Text:
    """State the title of a notebook, and which messages it is about.

    Parameters
    ----------
    db : Database
        What is read.
    title : str
        One line; line breaks become spaces.
    result : Result
        Of any metric, with the notebook's parameters.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open(sample())
    >>> heading(db, "November", db.delivery_rate(where="country = 'GB'"))
    November
    6,739 messages sent 20 October to 23 November 2026 (UTC) · as of 23 Nov 2026, 23:45
    Only messages where country = 'GB'.
    The data is the simulated sample that comes with dlr_analytics.
    """
    where = result.filters.where
    return Text(
        (
            counted(result),
            *([f"Only messages where {sanitize(where, _LONGEST)}."] if where else []),
            *([_SIMULATED] if db.data.resolve() == sample().resolve() else []),
        ),
        sanitize(title, _LONGEST),
    )


def condition(result: Result) -> str:
    """Return the SQL condition over ``messages`` that selects those of a result.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> rate = dlr.open(sample()).delivery_rate(since="2026-11", where="price > 0.05")
    >>> condition(rate)
    "true and channel = 'sms' and message_time >= timestamp '2026-11-01 00:00:00' and (price...
    """
    filters = result.filters
    return " and ".join(["true", *Selection(filters, {}, {}, f"({filters.where})").conditions()])


def only(where: str | None, column: str, values: Sequence[str]) -> str:
    """Narrow a condition to some values of a column; to nothing where there are none.

    Examples
    --------
    >>> only("price > 0.05", "network_code", ["23410"])
    "(price > 0.05) and network_code in ('23410')"
    >>> only(None, "network_code", [])
    '(true) and false'
    """
    return f"({where or 'true'}) and {_is_one_of(column, values)}"


def without(where: str | None, column: str, values: Sequence[str]) -> str:
    """Narrow a condition to all but some values of a column; NULL stays.

    Examples
    --------
    >>> without(None, "network_code", ["310410"])
    "(true) and (network_code in ('310410')) is not true"
    """
    return f"({where or 'true'}) and ({_is_one_of(column, values)}) is not true"


def _is_one_of(column: str, values: Sequence[str]) -> str:
    texts = ["'" + value.replace("'", "''") + "'" for value in values]
    return f"{column} in ({', '.join(texts)})" if texts else "false"
