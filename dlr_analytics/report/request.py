"""What a report is asked for: its period, its messages, its title and its target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict

from dlr_analytics.analysis.dimensions import By, Expressions, must_be_text, parse_by
from dlr_analytics.analysis.query import TIME_BUCKETS
from dlr_analytics.analysis.timezones import Moment, utc, zone_name
from dlr_analytics.errors import UnknownName, UnreadableValue, UsageError
from dlr_analytics.presentation.sanitize import sanitize

LONGEST_TITLE: Final = 200
"""Characters: a title stands in one line at the foot of each printed page."""


MOST_OWN: Final = 3
"""Own dimensions: with more of them, too few messages have all their values in common."""

_ANYWAY: Final = frozenset(
    ("country", "network_code", "network", "sender", "currency", "outcome", "err_code")
) | frozenset(TIME_BUCKETS)
"""What the sections of every report divide messages by."""


class Options(TypedDict, total=False):
    """The keyword arguments of a report.

    by : str, mapping or sequence of these
        Own dimensions, as for a metric, at most three: columns or expressions, each with a table,
        and with findings of its values.
    since, until : str, date or datetime
        The period, ``until`` not included, written as for a metric; by default the 30 days up to
        the newest message.
    month : str
        A calendar month in ``tz``, like ``2026-11``, in place of ``since`` and ``until``.
    where, as_of, tz, unit, channel
        As for a metric.
    title : str
        Stands above the finding, in one line, and names the document; at most 200 characters.
    target : float or str
        A delivery rate to compare the trend with: 0.95, or ``"95%"``.
    """

    by: By | None
    since: Moment | None
    until: Moment | None
    month: str | None
    where: str | None
    as_of: Moment | None
    tz: str | None
    unit: str | None
    channel: str | None
    title: str | None
    target: float | str | None


@dataclass(frozen=True, slots=True)
class Request:
    """Parsed options: ``as_of`` is naive UTC, ``title`` one line, ``target`` 0 to 1.

    The limits of the period are as given, since they may depend on the as-of time of the data;
    ``where`` is SQL that a query checks, as are the ``expressions`` of names in ``by``.
    """

    since: Moment | None = None
    until: Moment | None = None
    month: str | None = None
    where: str | None = None
    as_of: datetime | None = None
    tz: str = "UTC"
    unit: str = "message"
    channel: str | None = None
    title: str = ""
    target: float | None = None
    by: tuple[str, ...] = ()
    expressions: Expressions = ()


def parse(options: Options) -> Request:
    """Parse the options of a report.

    Raises
    ------
    UnknownName
        If there is no such option.
    UnreadableValue
        If a time, the zone, the title or the target cannot be read.
    UsageError
        If a month is given together with other limits, and for a dimension that the report has
        anyway.

    Examples
    --------
    >>> parse({"tz": "europe/london", "title": " Acme\\nBank ", "target": "95%"})
    Request(since=None, until=None, month=None, where=None, as_of=None, tz='Europe/London',
            unit='message', channel=None, title='Acme Bank', target=0.95, by=(), expressions=())
    """
    unknown = sorted(options.keys() - Options.__annotations__.keys())
    if unknown:
        raise UnknownName("keyword", unknown[0], Options.__annotations__)
    tz = zone_name(must_be_text("tz", options.get("tz") or "UTC"))
    as_of, month = options.get("as_of"), options.get("month")
    for other in ("since", "until"):
        if month is not None and options.get(other) is not None:
            raise UsageError(f"month and {other} are both given", f"leave out month or {other}")
    by, expressions = _own(options.get("by"))
    return Request(
        by=by,
        expressions=expressions,
        since=options.get("since"),
        until=options.get("until"),
        month=month,
        where=options.get("where"),
        as_of=None if as_of is None else utc("as_of", as_of, tz),
        tz=tz,
        unit=options.get("unit") or "message",
        channel=options.get("channel"),
        title=_title(options.get("title")),
        target=_target(options.get("target")),
    )


def _own(by: By | None) -> tuple[tuple[str, ...], Expressions]:
    """Parse own dimensions."""
    names, expressions = parse_by(by)
    for name in names:
        if name in _ANYWAY:
            raise UsageError(f"by: the report is by {name} anyway", "leave it out")
    if len(names) > MOST_OWN:
        raise UsageError(
            f"by: {len(names)} dimensions are too many for a report", f"give at most {MOST_OWN}"
        )
    return names, expressions


def _title(text: str | None) -> str:
    """Reduce a title to one printable line; a blank one is none."""
    if text is None:
        return ""
    if not isinstance(text, str):
        raise UnreadableValue(f"title: {text!r} is not text", "write it as text")
    if len(text) > LONGEST_TITLE:
        raise UnreadableValue(
            f"title has {len(text):,} characters", f"give at most {LONGEST_TITLE}"
        )
    return sanitize(text, LONGEST_TITLE)


def _target(value: float | str | None) -> float | None:
    if value is None:
        return None
    text = str(value).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        raise UnreadableValue(
            f"target: {text[:LONGEST_TITLE]!r} is no rate above 0 and up to 1",
            "write it like 0.95 or 95%",
        )
    return share
