"""The parameters that all metrics share, and the filters parsed from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypedDict

from dlr_analytics.analysis.dimensions import By, Expressions, must_be_text, parse_by
from dlr_analytics.analysis.timezones import Moment, ago, must_be_in_order, utc, zone_name
from dlr_analytics.errors import UnknownName
from dlr_analytics.webhook.messages_api import SMS

UNITS: Final = {"message": "messages", "sms": "pipeline.sms"}
"""The units that are counted, and the relation with a row for each."""

UNITS_WITH_FLAWS: Final = {"message": "pipeline.message_outcomes", "sms": "pipeline.sms_outcomes"}
"""The relations with the problems of each unit too: ``flaws`` and ``receipt_flaws``."""


DEFAULT_CHANNEL: Final = SMS
"""The channel that figures are of, unless another is asked for."""

ALL_CHANNELS: Final = "all"
"""The channel that stands for every channel."""


class Parameters(TypedDict, total=False):
    """The keyword arguments that all metrics share.

    by : str, mapping or sequence of these
        Columns of ``messages``; ``hour``, ``day``, ``week``, ``month``, ``hour_of_day`` (0 to 23)
        or ``weekday`` (1 Monday to 7 Sunday) of ``message_time`` in ``tz``; or ``{"name": "SQL"}``,
        an expression over the columns of ``messages``: one row per combination, in this order,
        NULL last.
    since, until : str, date or datetime
        Limits of ``message_time``, ``since`` inclusive, ``until`` exclusive: a date, a time, a
        month (``2026-11``, its first instant), or ``7d`` and ``24h`` for so long before as of.
    where : str
        One boolean SQL expression over the columns of ``messages``.
    as_of : str, date or datetime
        Ignores what was received later; by default the newest ``received_at``.
    tz : str
        An IANA time zone, by default UTC: of the buckets in ``by``, and of every date or time
        without a zone. All other times in results are UTC.
    unit : str
        ``message``, by default: each part of a long SMS counts. ``sms``: the parts that a send log
        links count as one, delivered when all of them are.
    channel : str
        ``sms`` by default; another channel of the Messages API, like ``whatsapp``, or ``all``.
    """

    by: By | None
    since: Moment | None
    until: Moment | None
    where: str | None
    as_of: Moment | None
    tz: str | None
    unit: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Parsed parameters: times are naive UTC, ``by`` has each name once.

    ``expressions`` has the SQL of those names in ``by`` that are neither columns nor buckets.
    """

    by: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    where: str | None = None
    as_of: dt.datetime | None = None
    tz: str = "UTC"
    unit: str = "message"
    channel: str = DEFAULT_CHANNEL
    expressions: Expressions = ()

    @property
    def users_sql(self) -> Expressions:
        """What the user wrote in SQL, by where it is written."""
        where = () if self.where is None else (("where", self.where),)
        return (*where, *((f"by: {name}", text) for name, text in self.expressions))


def parse(parameters: Parameters, newest: Callable[[], dt.datetime] | None = None) -> Filters:
    """Parse parameters; the columns in ``by`` and ``where`` are checked later.

    ``newest`` returns the as-of time of the data (naive UTC), which ``since="7d"`` counts from
    where ``as_of`` is not given; without it such a time is refused.

    Raises
    ------
    UnknownName
        If there is no such keyword or unit.
    UnreadableValue
        If a date, time or zone cannot be parsed, or ``since`` is after ``until``.
    UsageError
        If the name of an expression is none, or used twice.

    Examples
    --------
    >>> parse({"by": "network_code, day", "since": "2026-11-01", "tz": "Asia/Kolkata"})
    Filters(by=('network_code', 'day'), since=datetime.datetime(2026, 10, 31, 18, 30), until=None,
          where=None, as_of=None, tz='Asia/Kolkata', unit='message', channel='sms', expressions=())
    """
    unknown = sorted(parameters.keys() - Parameters.__annotations__.keys())
    if unknown:
        raise UnknownName("keyword", unknown[0], Parameters.__annotations__)
    tz = time_zone(parameters)
    as_of = _moment("as_of", parameters.get("as_of"), tz)
    before = newest if as_of is None else lambda: as_of
    since = _moment("since", parameters.get("since"), tz, before)
    until = _moment("until", parameters.get("until"), tz, before)
    must_be_in_order(since, until)
    where = parameters.get("where")
    by, expressions = parse_by(parameters.get("by"))
    return Filters(
        by=by,
        since=since,
        until=until,
        where=None if where is None else must_be_text("where", where),
        as_of=as_of,
        tz=tz,
        unit=_unit(parameters.get("unit") or "message"),
        channel=must_be_text("channel", parameters.get("channel") or DEFAULT_CHANNEL)
        .strip()
        .lower(),
        expressions=expressions,
    )


def time_zone(parameters: Parameters) -> str:
    """Return the time zone of parameters, by its IANA name.

    Raises
    ------
    UnreadableValue
        If there is no such zone.

    Examples
    --------
    >>> time_zone({"tz": "europe/london", "since": "7d"}), time_zone({})
    ('Europe/London', 'UTC')
    """
    return zone_name(must_be_text("tz", parameters.get("tz") or "UTC"))


def _moment(
    name: str, moment: Moment | None, tz: str, before: Callable[[], dt.datetime] | None = None
) -> dt.datetime | None:
    if moment is None:
        return None
    distance = ago(moment)
    if distance is None or before is None:
        return utc(name, moment, tz)
    return before() - distance


def _unit(name: str) -> str:
    if name not in UNITS:
        raise UnknownName("unit", name, UNITS)
    return name
