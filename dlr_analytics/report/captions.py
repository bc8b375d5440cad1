"""The title and the caption of a result: its metric, messages and period."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dlr_analytics.analysis.filters import ALL_CHANNELS, DEFAULT_CHANNEL
from dlr_analytics.analysis.timezones import local
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.sanitize import sanitize

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


def title(result: Result) -> str:
    """Name the metric and its columns, as in ``Delivery rate by network code``."""
    name = "SQL" if result.metric == "sql" else result.metric.replace("-", " ").capitalize()
    by = [column.replace("_", " ") for column in result.by]
    if not by:
        return name
    return f"{name} by {' and '.join(filter(None, [', '.join(by[:-1]), by[-1]]))}"


def counted(result: Result) -> str:
    """State the number of messages, their period and the as-of time.

    Times are in the zone of the result.

    ``2,536,537 messages sent 25 October to 23 November 2026 (UTC) · as of 24 Nov 2026, 05:00``
    """
    as_of = f"as of {moment(result.as_of, result.tz)}"
    if result.messages_total is None:
        return f"{formats.counted(len(result), 'row')} · {as_of} (UTC)"
    if result.span is None:
        return f"no messages · {as_of} ({result.tz})"
    first, last = (local(at, result.tz).date() for at in result.span)
    nouns = ("SMS", "SMS") if result.filters.unit == "sms" else ("message", "messages")
    sent = f"{formats.counted(result.messages_total, *nouns)} sent {formats.dates(first, last)}"
    named = (
        "" if result.filters.channel == DEFAULT_CHANNEL else f" · {channel(result.filters.channel)}"
    )
    return f"{sent} ({result.tz}) · {as_of}{named}"


def channel(name: str) -> str:
    """Name the channel of figures that are not of SMS.

    Examples
    --------
    >>> channel("whatsapp"), channel("all")
    ('Channel: whatsapp', 'All channels')
    """
    return "All channels" if name == ALL_CHANNELS else f"Channel: {sanitize(name)}"


def condition(where: str) -> str:
    """Write a condition as plain text: one line, shortened, without backticks.

    Examples
    --------
    >>> condition("sender = '`x`'\\n  and country = 'GB'")
    "sender = ''x'' and country = 'GB'"
    """
    return sanitize(where, 300).replace("`", "'")


def moment(at: datetime, tz: str) -> str:
    """Write a naive UTC time in a time zone.

    Examples
    --------
    >>> moment(datetime(2026, 11, 24, 5, 0), "Europe/Paris")
    '24 Nov 2026, 06:00'
    """
    time = local(at, tz)
    return f"{time.day} {time:%b %Y, %H:%M}"
