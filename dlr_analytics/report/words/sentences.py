"""The words of a finding: what happened, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from dlr_analytics.presentation import formats
from dlr_analytics.report.changes import Amounts, Cause, Finding, Loss, NewPrice

_FILTER = "sender"
"""A part of the kinds and remedies of err-codes that content and sender are refused with."""


def statement(finding: Finding) -> str:
    """State who, from what to what, since when, and whether it is over."""
    if isinstance(finding, NewPrice):
        return _price_statement(finding)
    rate, usual = formats.rate(finding.rate), formats.rate(finding.usual)
    if finding.lasts:
        since = _day(finding.first)
        return f"{finding.subject}: {rate} delivered since {since}, from {usual}. Not over."
    recovered = _day(finding.last + timedelta(days=1))
    when = _when(finding.first, finding.last)
    return f"{finding.subject}: {rate} delivered {when}, from {usual}. Recovered on {recovered}."


def cause(finding: Finding) -> str:
    """State what explains a finding, with its base."""
    if isinstance(finding, NewPrice):
        before, now = (
            formats.price(price, finding.currency) for price in (finding.before, finding.price)
        )
        others = formats.counted(finding.others, "other price has", "other prices have")
        others = f"{others} changed" if finding.others else "no other price has changed"
        return f"{before} to {now} a message; {others}."
    where, how = _where(finding), _how(finding.cause)
    words = [where[:1].upper() + where[1:], how] if where else [how[:1].upper() + how[1:]]
    conclusion = _conclusion(finding)
    return f"{', '.join(words)}{f': {conclusion}' if conclusion else ''}."


def advice(finding: Finding) -> str:
    """Say what to do, as an imperative."""
    if isinstance(finding, NewPrice):
        if finding.price < finding.before:
            return "check it against the price list that you were sent."
        return "check it against the price list that you were sent; budget for it."
    found = finding.cause
    lost = formats.counted(round(finding.lost), "message")
    if not finding.lasts:
        return f"nothing now; ask Vonage for the cause, and for a credit for {lost}."
    if found is not None and _is_filter(found):
        who = dict(finding.scope).get("sender")
        stop = "stop this sender today" if who else "stop what is refused"
        return f"{stop}; send Vonage the message IDs; check text and registration."
    if found is not None and found.outcome == "silent":
        return "ask Vonage whether this route sends receipts; do not count on its rate meanwhile."
    if found is not None and found.kind == "permanent":
        return "take these numbers off your lists; ask Vonage whether the route is at fault."
    return "send Vonage the message IDs today; send what is urgent another way until it is over."


def money(finding: Finding) -> str:
    """State what a finding costs."""
    if isinstance(finding, NewPrice):
        extra = formats.money(abs(finding.extra), finding.currency)
        month = formats.money_about(abs(finding.a_month), finding.currency)
        sign = formats.MINUS if finding.extra < 0 else "+"
        return f"{sign}{extra} so far, about {month} a month"
    return f"{listed_money(finding.paid)} paid" if finding.paid else ""


def listed_money(amounts: Amounts) -> str:
    """Write amounts of several currencies, which are never added."""
    return " and ".join(formats.money(amount, currency) for currency, amount in amounts)


def short(loss: Loss) -> str:
    """Name an incident at a chart: who, and whether it is over."""
    return f"{loss.subject}{', not over' if loss.lasts else ''}"


def _price_statement(finding: NewPrice) -> str:
    since = _day(finding.since)
    if finding.change is None:
        return f"{finding.subject} costs something since {since}."
    more = "more" if finding.change > 0 else "less"
    return f"{finding.subject} costs {formats.rate(abs(finding.change))} {more} since {since}."


def _when(first: date, last: date) -> str:
    if first == last:
        return f"on {_day(first)}"
    between = "and" if last - first == timedelta(days=1) else "to"
    start = str(first.day) if first.month == last.month else _day(first)
    return f"{'on' if between == 'and' else 'from'} {start} {between} {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day}\N{NO-BREAK SPACE}{day:%B}"


def _where(loss: Loss) -> str:
    """How many senders of a network lost, or networks of a sender or own value."""
    if loss.spread_of < 2:
        return ""
    is_place = {name for name, _ in loss.scope} <= {"network_code", "country"}
    preposition, noun = ("from", "sender") if is_place else ("on", "network")
    if loss.spread == loss.spread_of:
        return f"{preposition} all {loss.spread_of} {noun}s at once"
    return f"{preposition} {loss.spread} of {loss.spread_of} {noun}s"


def _how(found: Cause | None) -> str:
    if found is None:
        return "no err-code explains it"
    of = f"{formats.count(found.messages)} of {formats.count(found.undelivered)} undelivered"
    if not found.err_codes:
        ended = {"silent": "got no final receipt", "unknown": "have an unknown status"}
        return f"{of} {ended.get(found.outcome, f'{found.outcome} without an err-code')}"
    code, *others = found.err_codes
    if not others:
        return f"{of} with err-code {code}, {found.meaning[:1].lower()}{found.meaning[1:]}"
    return f"{of} with err-codes {_listed([code, *others])}, which refuse sender or content"


def _listed(codes: Iterable[int]) -> str:
    *first, last = map(str, sorted(codes))
    return f"{', '.join(first)} and {last}" if first else last


def _conclusion(loss: Loss) -> str:
    named = dict(loss.scope)
    alike = loss.spread_of >= 2 and loss.spread == loss.spread_of
    if alike and "network_code" not in named and loss.cause is not None:
        if set(named) == {"sender"} and _is_filter(loss.cause):
            return "the sender or its content is filtered, not a route"
        if "country" not in named and _is_filter(loss.cause):
            return "the content is filtered, not a route"
    if alike and set(named) == {"network_code"}:
        return "the route, not a sender"
    return ""


def _is_filter(found: Cause) -> bool:
    return _FILTER in found.kind or len(found.err_codes) > 1
