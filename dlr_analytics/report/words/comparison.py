"""The words on what changed since the period before."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from dlr_analytics.presentation import formats
from dlr_analytics.report.changes import Loss
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.changed import before

_EXPLAINS: Final = 0.5
"""The least share of a change that its cause explains, to be named beneath the heading."""

_CLEAR: Final = 0.01
"""The least change of the share confirmed within 30 s that is worth a sign."""

_LAST_DAYS: Final = 7


class Changed(NamedTuple):
    """A change on a card: its text, the value before, and its direction."""

    text: str
    before: str
    direction: str


def beside(report: Report) -> str:
    """Continue the heading: how much more or less than in the period before."""
    change = report.change
    if change is None:
        return ""
    in_the = _in_the(report)
    if not change.firm and change.low is None:
        return f", {formats.rate(change.before)} {in_the}"
    if not change.firm:
        return f", about as many as {in_the}"
    more = "more" if change.difference > 0 else "less"
    return f", {_points(abs(change.difference))} {more} than {in_the}"


def explained(report: Report) -> list[str]:
    """Name the finding that explains the change, and say whether it is over."""
    lost = [finding for finding in report.findings if isinstance(finding, Loss)]
    if not lost:
        return []
    most, change = lost[0], report.change
    subject, points = most.subject, formats.points(most.points)[1:]
    if change is not None and change.firm and change.difference < 0:
        size = -change.difference
        if most.points < _EXPLAINS * size:
            return []
        share = f"{points} of the {formats.points(size)[1:]} points"
        first = f"{subject} explains {share}" if most.points < size else f"{subject} explains it"
    else:
        since = f"{most.first.day} {most.first:%B}"
        first = f"{subject} has cost {points} points since {since}"
        if not most.lasts:
            return [f"{first}; it is over."]
    if not most.lasts:
        return [f"{first}. It is over."]
    return [f"{first}. It is not over{_last_days(report)}."]


def _last_days(report: Report) -> str:
    days = [day.tally for day in report.days if day.tally.rate is not None][-_LAST_DAYS:]
    messages = sum(day.messages for day in days)
    if len(report.days) <= _LAST_DAYS or not messages:
        return ""
    rate = sum((day.rate or 0) * day.messages for day in days) / messages
    return f": the last seven days are at {formats.rate(rate)}"


def compared_with(report: Report) -> str:
    """Name the period before, or say that there is none to compare with."""
    former = report.former
    if report.tally.few:
        return ""
    if former is None or not former.whole:
        return "; there is no earlier period of this length to compare with"
    dates = formats.dates(former.first, former.last)
    if not former.messages:
        return f"; there were none {formats.between(former.first, former.last)} to compare with"
    return f", compared with {dates}"


def silent_routes(report: Report) -> list[str]:
    """State which share of the messages went to networks that report nothing."""
    silent = [place for place in report.networks if place.is_silent]
    tally = report.tally
    messages = sum(place.tally.messages for place in silent)
    if not silent or tally.rate is None or messages == tally.messages:
        return []
    networks = "one network that reports" if len(silent) == 1 else f"{len(silent)} that report"
    networks = networks if len(silent) == 1 else f"{len(silent)} networks that report"
    expected = tally.rate * tally.messages - sum(
        (place.tally.rate or 0) * place.tally.messages for place in silent
    )
    others = formats.rate(expected / (tally.messages - messages))
    share = formats.rate(messages / tally.messages)
    return [f"{share} went to {networks} nothing; of the others {others} arrived."]


def of_rate(report: Report) -> Changed | None:
    """The change of the delivery rate, with its interval."""
    change = report.change
    if change is None:
        return None
    note = f"before {formats.rate(change.before)}"
    if change.low is not None and change.high is not None:
        note += f"; change {formats.points(change.low)} to {formats.points(change.high)}"
    if not change.firm:
        verdict = "too few to judge" if change.low is None else "within chance"
        return Changed(f"{formats.points(change.difference)} points, {verdict}", note, "same")
    direction = "better" if change.difference > 0 else "worse"
    return Changed(f"{_arrow(change.difference)} {_points(change.difference)}", note, direction)


def of_messages(report: Report) -> Changed | None:
    """The change of the number of messages."""
    former = report.former
    if report.change is None or former is None:
        return None
    share = report.tally.messages / former.messages - 1
    sign = "+" if share > 0 else formats.MINUS if share < 0 else ""
    return Changed(
        f"{sign}{formats.rate(abs(share))}", f"before {formats.count(former.messages)}", "same"
    )


def of_speed(report: Report) -> Changed | None:
    """The change of the share confirmed within 30 s."""
    former, now = report.former, report.latency.whole.within_30s
    if report.change is None or former is None or former.within_30s is None or now is None:
        return None
    difference = now - former.within_30s
    note = f"before {formats.rate(former.within_30s)}"
    if abs(difference) < _CLEAR:
        return Changed("no clear change", note, "same")
    return Changed(f"{formats.points(difference)} points", note, "same")


def of_money(report: Report) -> Changed | None:
    """The change of what was paid for undelivered messages, in the first currency."""
    former = report.former
    if report.change is None or former is None:
        return None
    first = report.spending[0]
    was = dict(former.wasted).get(first.currency, Decimal())
    more = first.whole.wasted - was
    sign = "+" if more > 0 else formats.MINUS if more < 0 else ""
    text = f"{sign}{formats.money(abs(more), first.currency)}"
    note = f"was {formats.money(was, first.currency)}"
    if not report.change.firm or (more > 0) != (report.change.difference < 0):
        return Changed(text, note, "same")
    return Changed(f"{_arrow(float(more))} {text}", note, "worse" if more > 0 else "better")


def _in_the(report: Report) -> str:
    named = before(report)
    return "on the day before" if named == "day" else f"in the {named} before"


def _points(difference: float) -> str:
    figure = formats.points(difference) if difference < 0 else formats.points(difference)[1:]
    return f"{figure} point{'' if figure.lstrip(formats.MINUS) == '1.0' else 's'}"


def _arrow(difference: float) -> str:
    return "▲" if difference > 0 else "▼"
