"""The sentences of alerts: all words of ``watch`` that a person on call reads.

Each takes a row of the kind's statement. Times are written in a time zone, since whoever is woken
compares them with a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dlr_analytics.analysis.timezones import zone

Row = Mapping[str, Any]


def delivery(row: Row, tz: str) -> str:
    """Write that too few messages are delivered.

    Examples
    --------
    >>> at = dt.datetime(2026, 11, 24, 7, 50)
    >>> gb = {"network_code": "23410", "network": "O2", "country": "GB"}
    >>> row = gb | {"messages": 60, "minutes": 15, "ended_at": at, "value": 0.45, "usual": 0.921}
    >>> delivery(row, "UTC")
    '23410 (O2, GB): 45.0% of the 60 messages of the 15 minutes until 2026-11-24 07:50 UTC were
    delivered within 10 minutes, usually 92.1%.'
    """
    return (
        f"{_network(row)}: {row['value']:.1%} of the {_messages(row, tz)} were delivered within"
        f" 10 minutes, usually {row['usual']:.1%}."
    )


def latency(row: Row, tz: str) -> str:
    """Write that messages are delivered later than is the network's habit."""
    return (
        f"{_network(row)}: {row['value']:.1%} of the {_messages(row, tz)} that were delivered took"
        f" at most {row['limit_s']:,} s, usually {row['usual']:.1%}."
    )


def filtered(row: Row) -> str:
    """Write that a network refuses a sender's messages.

    Examples
    --------
    >>> row = {"network_code": "23410", "network": None, "country": "GB", "sender": "Acme"}
    >>> filtered(row | {"messages": 40, "minutes": 30, "value": 0.5, "usual": 0.002})
    '23410 (GB): 50.0% of the 40 messages from Acme that ended in the last 30 minutes were refused
    (errors 6 and 50 to 54), usually 0.2%.'
    """
    sender = "an unknown sender" if row["sender"] is None else row["sender"]
    return (
        f"{_network(row)}: {row['value']:.1%} of the {_counted(row['messages'], 'message')} from"
        f" {sender} that ended in the last {_length(row['minutes'])} were refused"
        f" (errors 6 and 50 to 54), usually {row['usual']:.1%}."
    )


def volume(row: Row) -> str:
    """Write that far more is sent to a country than ever.

    Examples
    --------
    >>> volume({"country": "GB", "messages": 12_000, "minutes": 360, "usual": 3_000})
    'GB: 12,000 messages in the last 6 hours, at most 3,000 in any 6 hours of the 28 days before.'
    """
    length = _length(row["minutes"])
    return (
        f"{row['country'] or 'unknown country'}: {_counted(row['messages'], 'message')} in the last"
        f" {length}, at most {row['usual']:,} in any {length} of the 28 days before."
    )


def silence(row: Row, known: str, tz: str) -> str:
    """Write that receipts have stopped, and what the send log knows of it.

    Examples
    --------
    >>> row = {"network_code": None, "messages": 0, "minutes": 60, "usual": 300}
    >>> row["began_at"] = dt.datetime(2026, 11, 24, 7, 50)
    >>> silence(row, nothing_sent(row["began_at"], "UTC"), "Asia/Kolkata")
    'all networks: no receipts in the last hour, usually 300, the last at 2026-11-24 13:20
    Asia/Kolkata; nothing was sent meanwhile, says the send log, whose newest message is of
    2026-11-24 07:50 UTC.'
    """
    network = "all networks" if row["network_code"] is None else _network(row)
    came = _counted(row["messages"], "receipt") if row["messages"] else "no receipts"
    return (
        f"{network}: {came} in the last {_length(row['minutes'])}, usually {row['usual']:,},"
        f" the last at {_moment(row['began_at'], tz)}; {known}."
    )


def no_log() -> str:
    """Write that without a send log the causes of silence look alike."""
    return "without a send log it cannot be told whether sending stopped or the receipts"


def log_behind(newest: dt.datetime, tz: str) -> str:
    """Write that the send log has not been brought up to date."""
    return (
        f"the send log ends at {_moment(newest, tz)}, and without what was sent since it cannot be"
        " told whether sending stopped or the receipts"
    )


def nothing_sent(newest: dt.datetime, tz: str) -> str:
    """Write that sending has stopped."""
    newest_at = _moment(newest, tz)
    return f"nothing was sent meanwhile, says the send log, whose newest message is of {newest_at}"


def unanswered(number: int, sent: int) -> str:
    """Write how many messages have no receipt.

    Examples
    --------
    >>> unanswered(45, 60), unanswered(1, 1)
    ('45 of the 60 messages sent meanwhile have no receipt',
     '1 of the 1 message sent meanwhile has no receipt')
    """
    have = "has" if number == 1 else "have"
    return f"{number:,} of the {_counted(sent, 'message')} sent meanwhile {have} no receipt"


def unplaced(number: int) -> str:
    """Write how many messages without a network have no receipt."""
    have = "has" if number == 1 else "have"
    return (
        f"{_counted(number, 'message')} sent meanwhile, whose network the send log does not have,"
        f" {have} no receipt"
    )


def _network(row: Row) -> str:
    known = ", ".join(filter(None, [row["network"], row["country"]]))
    code = row["network_code"] or "unknown network"
    return f"{code} ({known})" if known else str(code)


def _messages(row: Row, tz: str) -> str:
    window = f"the {_length(row['minutes'])} until {_moment(row['ended_at'], tz)}"
    return f"{_counted(row['messages'], 'message')} of {window}"


def _length(minutes: int) -> str:
    if minutes == 60:
        return "hour"
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} hours"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _moment(at: dt.datetime, tz: str) -> str:
    local = at if tz == "UTC" else at.replace(tzinfo=dt.UTC).astimezone(zone(tz))
    return f"{local:%Y-%m-%d %H:%M} {tz}"
