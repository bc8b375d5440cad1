"""Findings of a period: incidents of delivery, with their cause and cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from dlr_analytics.analysis.studies.incidents.cells import NETWORK, SENDER, Cell, Dimensions, Scope
from dlr_analytics.analysis.studies.incidents.search import Incident, incidents
from dlr_analytics.report.changes import Amounts, Cause, Examined, Loss
from dlr_analytics.report.command import Calls
from dlr_analytics.report.gather.costs import amounts
from dlr_analytics.report.gather.counts import Count, summed
from dlr_analytics.report.gather.courses import courses
from dlr_analytics.report.gather.former import Both
from dlr_analytics.report.gather.groups import value_name
from dlr_analytics.report.gather.own import OwnDimension
from dlr_analytics.report.gather.places import UNKNOWN_COUNTRY, code_and_name
from dlr_analytics.report.gather.reasons import meaning_of
from dlr_analytics.report.model import Day
from dlr_analytics.report.words.dimensions import capitalized, words_of

_POINT: Final = 10
"""The fewest messages that a point of a finding's course represents."""


def cells(counts: Iterable[Count]) -> list[Cell]:
    """Add up counts by day and values, without messages of unknown fate."""
    sums: dict[tuple[Any, ...], list[float]] = {}
    for count in counts:
        key = (count.day.toordinal(), count.country, count.network_code, count.sender, count.own)
        both = sums.setdefault(key, [0, 0.0])
        both[0] += count.with_expected
        both[1] += count.expected
    return [Cell._make((*at, int(n), x, own)) for (*at, own), (n, x) in sums.items() if n]


@dataclass(frozen=True, slots=True)
class Names:
    """How countries and networks are called."""

    countries: Mapping[str, str]
    networks: Mapping[str | None, Mapping[str, str | None]]

    def subject(self, scope: Scope) -> str:
        """Name what an incident is of.

        Examples
        --------
        >>> scope = (("network_code", "23410"), ("campaign", "spring"))
        >>> Names({}, {}).subject(scope)
        'Campaign spring on 23410'
        """
        parts = [self._part(name, value) for name, value in reversed(scope)]
        of = "on" if NETWORK in dict(scope) else "of"
        return capitalized(f" {of} ".join(parts)) or "All messages"

    def _part(self, name: str, value: str | None) -> str:
        if name == "country":
            return self.countries.get(value, value) if value else UNKNOWN_COUNTRY
        if name == NETWORK:
            return self.network(value)
        return f"{words_of(name)} {value_name(value or '')}"

    def network(self, code: str | None) -> str:
        """Name a network: its code, operator and country."""
        row = {"network_code": code, **self.networks.get(code, {})}
        written, name = code_and_name(row)
        country = row.get("country")
        of = f"({self.countries.get(country, country)})" if country else None
        return " ".join(filter(None, [written or "Messages without a network code", name, of]))


def losses(
    both: Both, days: tuple[Day, ...], names: Names, calls: Calls, own: Sequence[OwnDimension] = ()
) -> tuple[tuple[Loss, ...], Examined]:
    """Return the incidents of a period, those with most lost messages first.

    Parameters
    ----------
    both : Both
        The messages of the period, and of the one before, which tells what is usual.
    days : tuple of Day
        The days of the period, at least one.
    names : Names
        Names of countries and networks.
    calls : Calls
        Writes the command that lists the messages.
    own : sequence of OwnDimension
        The own dimensions that the messages were counted by.
    """
    dimensions = Dimensions(tuple(each.name for each in own))
    scopes = dimensions.examined(cells(both.now))
    of = Counter(scope[0][0] for scope in scopes if scope)
    looked_at = Examined(
        of[NETWORK], of[SENDER], tuple((name, of[name]) for name in dimensions.own)
    )
    every = cells((*both.before, *both.now))
    found = incidents(every, days[0].day.toordinal(), dimensions) if days else []
    return tuple(_loss(each, dimensions, both, days, names, calls) for each in found), looked_at


def _loss(
    incident: Incident,
    dimensions: Dimensions,
    both: Both,
    days: tuple[Day, ...],
    names: Names,
    calls: Calls,
) -> Loss:
    dip, scope = incident.dip, incident.scope
    inside = [count for count in both.now if dimensions.has(count, scope)]
    hit = [count for count in inside if dip.first <= count.day.toordinal() <= dip.last]
    others = [
        count
        for count in (*both.before, *inside)
        if dimensions.has(count, scope) and not dip.first <= count.day.toordinal() <= dip.last
    ]
    first, last = date.fromordinal(dip.first), date.fromordinal(dip.last)
    cause = _cause(hit, others)
    spread, spread_of = _spread(hit, scope, dip.usual)
    total = sum(count.messages for count in both.now)
    return Loss(
        scope=scope,
        subject=names.subject(scope),
        first=first,
        last=last,
        lasts=dip.lasts,
        usual=dip.usual,
        rate=incident.delivered / incident.messages,
        messages=incident.messages,
        lost=incident.lost,
        points=incident.lost / total,
        paid=_paid(hit, incident.lost),
        cause=cause,
        spread=spread,
        spread_of=spread_of,
        course=courses(inside, days, lambda _: None, _POINT).get(None, ()),
        call=calls.errors(scope, cause, max(first, days[0].day), last),
    )


def _paid(hit: Sequence[Count], lost: float) -> Amounts:
    """Their share of the price of undelivered messages was paid for the lost ones."""
    sums = summed(hit)
    undelivered = sum(count.undelivered for count in hit)
    if not undelivered:
        return ()
    share = Decimal(min(1.0, lost / undelivered)).quantize(Decimal("1e-6"))
    return tuple((currency, amount * share) for currency, amount in amounts(sums)[1] if amount)


def _cause(hit: Sequence[Count], others: Sequence[Count]) -> Cause | None:
    """What has become more frequent: err-codes of one kind, or an outcome."""
    now, before = _ended(hit), _ended(others)
    n, m = (sum(count.messages for count in part) or 1 for part in (hit, others))
    grown: Counter[str] = Counter()
    for (outcome, code), messages in now.items():
        grown[_kind(outcome, code)] += messages - before[outcome, code] * n // m
    if not grown:
        return None
    kind = max(grown, key=lambda name: (grown[name], name))
    chosen = Counter({key: number for key, number in now.items() if _kind(*key) == kind})
    codes: Counter[int] = Counter()
    for (_, code), number in chosen.items():
        if code is not None:
            codes[code] += number
    (outcome, _), _ = chosen.most_common(1)[0]
    meaning, of_kind, _ = meaning_of(codes.most_common(1)[0][0]) if codes else ("", "", "")
    return Cause(
        err_codes=tuple(code for code, _ in codes.most_common()),
        outcome=outcome,
        meaning=meaning,
        kind=of_kind,
        messages=sum(chosen.values()),
        undelivered=sum(now.values()),
    )


def _ended(counts: Sequence[Count]) -> Counter[tuple[str, int | None]]:
    """Undelivered messages by outcome and err-code."""
    found: Counter[tuple[str, int | None]] = Counter()
    for count in counts:
        if count.undelivered:
            found[count.outcome, count.err_code] += count.undelivered
    return found


def _kind(outcome: str, code: int | None) -> str:
    """What is one cause: codes with the same remedy for senders, else each code."""
    if code is None:
        return outcome
    _, kind, advice = meaning_of(code)
    return advice if "sender" in advice else f"{code} {kind}"


def _spread(hit: Sequence[Count], scope: Scope, usual: float) -> tuple[int, int]:
    """How many networks of a sender or own value lost, or senders of a network."""
    named = {name for name, _ in scope}
    if not named or (NETWORK in named and len(named) > 1):
        return 0, 0
    by = SENDER if named <= {NETWORK, "country"} else NETWORK
    sums: dict[str | None, list[float]] = defaultdict(lambda: [0, 0.0])
    for count in hit:
        both = sums[getattr(count, by)]
        both[0] += count.with_expected
        both[1] += count.expected
    enough = {value: (n, x) for value, (n, x) in sums.items() if n >= _POINT}
    lost = sum(x / n < usual - 0.02 for n, x in enough.values())
    return lost, len(enough)
