"""Sentences of the shipped notebooks: the largest fall, and a summary."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.captions import moment

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


@dataclass(frozen=True, slots=True)
class Fall:
    """A stretch of time in which a network delivered less than before; or none.

    Attributes
    ----------
    network_codes : tuple of str
        The network; empty if there is no fall.
    limits : dict
        ``since`` and, where it was over, ``until``, in UTC: to ask about the stretch.
    sentence : str
        Who, since when, from what rate to what.
    """

    network_codes: tuple[str, ...]
    limits: dict[str, dt.datetime]
    sentence: str


def largest_fall(changes: Result) -> Fall:
    """Find the fall that cost the most deliveries, in a result of ``changes``.

    Parameters
    ----------
    changes : Result
        By ``network_code``.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> quiet = dlr.open("data/sample").changes(by="network_code", where="false")
    >>> largest_fall(quiet).sentence
    "No network's rate fell for certain."
    """
    rows = [dict(zip(changes.columns, row, strict=True)) for row in changes]
    falls = [row for row in rows if row["difference"] < 0 and row["network_code"] is not None]
    if not falls:
        return Fall((), {}, "No network's rate fell for certain.")
    worst = min(falls, key=lambda row: row["difference"] * row["messages"])
    code = worst["network_code"]
    later = (row["changed_at"] for row in rows if row["network_code"] == code)
    ends = min((at for at in later if at > worst["changed_at"]), default=None)
    limits = {"since": worst["changed_at"]} if ends is None else _stretch(worst, ends)
    aware = {name: at.replace(tzinfo=dt.UTC) for name, at in limits.items()}
    return Fall((code,), aware, _sentence(worst, ends, changes.tz))


def _stretch(fall: dict[str, Any], ends: dt.datetime) -> dict[str, dt.datetime]:
    return {"since": fall["changed_at"], "until": ends}


def _sentence(fall: dict[str, Any], ends: dt.datetime | None, tz: str) -> str:
    begins, earliest, latest = (
        moment(fall[name], tz) for name in ("changed_at", "earliest", "latest")
    )
    over = "it has not ended" if ends is None else f"until {moment(ends, tz)}"
    return (
        f"From {begins} ({tz}; between {earliest} and {latest}) network"
        f" {sanitize(fall['network_code'])} delivered {formats.rate(fall['value'])} of"
        f" {formats.counted(fall['messages'], 'message')}, before"
        f" {formats.rate(fall['value_before'])}: {over}."
    )


def summary(rate: Result, sender: str) -> tuple[str, ...]:
    """Summarize a delivery rate for people who do not read tables.

    Parameters
    ----------
    rate : Result
        Of ``delivery_rate`` without ``by``.
    sender : str
        Who sent the messages, as the sentence names them.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> nothing = dlr.open("data/sample").delivery_rate(where="false")
    >>> summary(nothing, "Acme")
    ('Acme sent no messages in this time.',)
    """
    (row,) = (dict(zip(rate.columns, values, strict=True)) for values in rate)
    name = sanitize(sender)
    if not row["messages"]:
        return (f"{name} sent no messages in this time.",)
    sent = f"{name} sent {formats.counted(row['messages'], 'message')} in this time."
    if row["delivery_rate"] is None:
        arrived = "How many arrive cannot be estimated yet."
    else:
        interval = formats.interval(row["ci_low"], row["ci_high"])
        arrived = f"{formats.rate(row['delivery_rate'])} of them arrived (95% interval {interval})."
    pending = (
        f"Of {formats.counted(row['pending'], 'message')} it is not known yet, and the rate counts"
        " them as earlier ones."
        if row["pending"]
        else ""
    )
    return tuple(filter(None, (f"{sent} {arrived}", pending)))
