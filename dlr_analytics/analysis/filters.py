"""The parameters that all metrics share, and the filters parsed from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from dlr_analytics.analysis.timezones import Moment, ago, must_be_in_order, utc, zone_name
from dlr_analytics.errors import UnknownName, UnreadableValue
from dlr_analytics.webhook.encoding import has_surrogates
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

    by : str or sequence of str
        Columns of ``messages``, or ``hour``, ``day``, ``week``, ``month`` of ``message_time`` in
        ``tz``: one row per combination, in this order, NULL last.
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

    by: str | Sequence[str] | None
    since: Moment | None
    until: Moment | None
    where: str | None
    as_of: Moment | None
    tz: str | None
    unit: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Parsed parameters: times are naive UTC, ``by`` has each column once."""

    by: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    where: str | None = None
    as_of: dt.datetime | None = None
    tz: str = "UTC"
    unit: str = "message"
    channel: str = DEFAULT_CHANNEL


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

    Examples
    --------
    >>> parse({"by": "network_code, day", "since": "2026-11-01", "tz": "Asia/Kolkata"})
    Filters(by=('network_code', 'day'), since=datetime.datetime(2026, 10, 31, 18, 30), until=None,
          where=None, as_of=None, tz='Asia/Kolkata', unit='message', channel='sms')
    """
    unknown = sorted(parameters.keys() - Parameters.__annotations__.keys())
    if unknown:
        raise UnknownName("keyword", unknown[0], Parameters.__annotations__)
    tz = zone_name(must_be_text("tz", parameters.get("tz") or "UTC"))
    as_of = _moment("as_of", parameters.get("as_of"), tz)
    before = newest if as_of is None else lambda: as_of
    since = _moment("since", parameters.get("since"), tz, before)
    until = _moment("until", parameters.get("until"), tz, before)
    must_be_in_order(since, until)
    where = parameters.get("where")
    return Filters(
        by=_names(parameters.get("by")),
        since=since,
        until=until,
        where=None if where is None else must_be_text("where", where),
        as_of=as_of,
        tz=tz,
        unit=_unit(parameters.get("unit") or "message"),
        channel=must_be_text("channel", parameters.get("channel") or DEFAULT_CHANNEL)
        .strip()
        .lower(),
    )


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


def _names(by: str | Sequence[str] | None) -> tuple[str, ...]:
    names = by.split(",") if isinstance(by, str) else by or ()
    if not isinstance(names, Sequence):
        raise UnreadableValue(f"by: {by!r} names no columns", "give names, like 'country,day'")
    return tuple(dict.fromkeys(must_be_text("by", name).strip() for name in names))


def must_be_text(name: str, value: object) -> str:
    """Return a text that can be encoded in UTF-8, as engines need it.

    Raises
    ------
    UnreadableValue
        If it is not text, or contains bytes that are not UTF-8.

    Examples
    --------
    >>> must_be_text("where", "country = 'GB'")
    "country = 'GB'"
    >>> must_be_text("where", 5)
    Traceback (most recent call last):
    dlr_analytics.errors.UnreadableValue: where: 5 is not text in UTF-8; write it as text
    """
    if not isinstance(value, str) or has_surrogates(value):
        raise UnreadableValue(f"{name}: {value!r} is not text in UTF-8", "write it as text")
    return value
