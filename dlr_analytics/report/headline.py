"""The top of a report: the finding, its scope and four headline figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from dlr_analytics.analysis.filters import DEFAULT_CHANNEL
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.captions import channel, condition
from dlr_analytics.report.command import line
from dlr_analytics.report.model import Report, Tally
from dlr_analytics.report.speeds import FEW_MEASURED
from dlr_analytics.report.words import comparison

KICKER: Final = "SMS delivery report"
PAID: Final = "Paid for undelivered"


@dataclass(frozen=True, slots=True)
class Card:
    """A headline figure; ``before`` and ``unit`` are set small around the value."""

    name: str
    value: str
    before: str = ""
    unit: str = ""
    notes: tuple[str, ...] = ()
    change: str = ""
    direction: str = "same"
    """``better`` or ``worse`` where the change is more than chance."""

    @property
    def text(self) -> str:
        """The figure with its unit."""
        return f"{self.before}{self.value}{self.unit}"


def kicker(report: Report) -> str:
    """Name the report, above the finding."""
    return report.request.title or KICKER


def finding(report: Report) -> str:
    """State in one sentence how many of the messages were delivered."""
    tally, period = report.tally, report.period
    if report.extent is None:
        return "No messages yet"
    if not tally.messages:
        return f"No messages {formats.between(period.first, period.last)}"
    if tally.few:
        return _counted(tally)
    if tally.rate is None:
        pending = formats.rate(tally.pending / tally.messages)
        floor = formats.rate(tally.floor)
        return f"At least {floor} of messages were delivered, {pending} are pending"
    delivered = f"{formats.rate(tally.rate)} of messages were delivered"
    return f"{delivered}{comparison.beside(report)}"


def scope(report: Report) -> str:
    """State the messages, networks, period and as-of time of the finding."""
    tally, period = report.tally, report.period
    if not tally.messages:
        return ""
    sent = formats.dates(period.first, period.last)
    open_ = formats.counted(tally.pending, "message is", "messages are")
    settled = f"{open_} pending ({formats.rate(tally.pending / tally.messages)})"
    to = f"{formats.counted(tally.messages, 'message')} to {_destinations(report)}"
    parts = [
        *comparison.explained(report),
        f"{to}, sent {sent}{comparison.compared_with(report)}.",
        f"As of {formats.moment(period.as_of, period.tz)};",
        f"{settled if tally.pending else 'all are settled'}.",
    ]
    if report.request.where is not None:
        parts.insert(1, f"Only messages where {condition(report.request.where)}.")
    if report.request.unit == "sms":
        parts.append("The parts of a long SMS count as one message.")
    if report.channel != DEFAULT_CHANNEL:
        parts.append(f"{channel(report.channel)}.")
    if tally.few:
        parts.append("Too few for a trend or a comparison.")
    parts += comparison.silent_routes(report)
    return " ".join(parts)


def summary(report: Report) -> str:
    """State the finding for a terminal: the number of messages and the rate."""
    tally, period = report.tally, report.period
    if not tally.messages:
        return finding(report)
    sent = f"{formats.counted(tally.messages, 'message')} sent"
    of = f"of {sent} {formats.dates(period.first, period.last)} were delivered"
    if tally.rate is None:
        pending = formats.count(tally.pending)
        return f"At least {formats.rate(tally.floor)} {of}; {pending} are pending."
    return (
        f"{formats.rate(tally.rate)} {of} (95% interval {formats.interval(tally.low, tally.high)})."
    )


def remedy(report: Report) -> str:
    """Say what to do where there is no message to report on."""
    if report.extent is None:
        as_of = formats.moment(report.period.as_of, report.period.tz)
        if report.has_receipts:
            all_channels = line(["dlr", "report", "--data", report.source, "--channel", "all"])
            return (
                f"The data in `{report.source}` holds receipts, but no message of channel "
                f"{sanitize(report.channel)} as of {as_of}. Try `{all_channels}`."
            )
        return (
            f"The data in `{report.source}` holds no receipt and no send time as of {as_of}. "
            "`dlr receive` starts the receiver; `dlr demo` shows the whole with simulated messages."
        )
    extent, where = report.extent, report.request.where
    again = ["dlr", "report", "--data", report.source, "--since", str(extent.first)]
    has = (
        f"The data in `{report.source}` runs from {formats.dates(extent.first, extent.last)} "
        f"({formats.counted(extent.messages, 'message')}). "
    )
    if where is not None:
        return (
            f"{has}None of this period is a message where {condition(where)}. Try "
            f"`{line([*again, '--where', where])}`, or leave out the condition."
        )
    return (
        f"{has}Try `{line(again)}`, or without dates for the last 30 days. If receipts should "
        "have come in this period: `dlr status` shows the newest one, `dlr quarantine` what could "
        "not be understood."
    )


def page_title(report: Report) -> str:
    """Return the title of the browser's tab and of each printed page."""
    if report.request.title:
        return report.request.title
    if report.extent is None:
        return "SMS delivery"
    return f"SMS delivery, {formats.dates(report.period.first, report.period.last)}"


def cards(report: Report) -> tuple[Card, ...]:
    """Return the four headline figures."""
    return _rate(report), _messages(report), _confirmed(report), _cost(report)


def _counted(tally: Tally) -> str:
    was = "was" if 1 in (tally.delivered, tally.messages) else "were"
    count, messages = formats.count(tally.delivered), formats.counted(tally.messages, "message")
    pending = f", {formats.count(tally.pending)} pending" if tally.pending else ""
    return f"{count} of {messages} {was} delivered{pending}"


def _destinations(report: Report) -> str:
    if len(report.networks) == 1:
        (only,) = report.networks
        names = " ".join(filter(None, [only.code or "an unnamed network", only.network]))
        return f"{names} ({only.country_name}), the only network"
    networks = formats.counted(len(report.networks), "network")
    countries = len({c.whole.country for c in report.countries if c.whole.country})
    return f"{networks} in {formats.counted(countries, 'country', 'countries')}"


def _rate(report: Report) -> Card:
    name, tally = "Delivery rate", report.tally
    if tally.rate is None:
        most = f"at most {formats.rate(tally.best)}, if all pending arrive"
        return Card(name, formats.rate_figure(tally.floor), before="≥ ", unit="%", notes=(most,))
    decimals = 0 if tally.few else 2
    notes = [f"95% interval {formats.interval(tally.low, tally.high, decimals)}"]
    if tally.pending:
        notes.append(
            f"will end between {formats.rate_figure(tally.floor)} and {formats.rate(tally.best)}"
        )
    change = comparison.of_rate(report)
    return _changed(
        Card(name, formats.rate_figure(tally.rate), unit="%", notes=tuple(notes)), change
    )


def _changed(card: Card, change: comparison.Changed | None) -> Card:
    """Add a change to a card, first what it was."""
    if change is None:
        return card
    notes = (*filter(None, [change.before]), *card.notes)
    return replace(card, change=change.text, direction=change.direction, notes=notes)


def _messages(report: Report) -> Card:
    tally = report.tally
    value, unit = formats.count_short(tally.messages)
    note = f"{formats.count(tally.settled)} settled"
    if not tally.pending:
        note = f"{formats.count(tally.undelivered)} not delivered"
    card = Card("Messages", value, unit=f" {unit}".rstrip(), notes=(note,))
    return _changed(card, comparison.of_messages(report))


def _confirmed(report: Report) -> Card:
    speed, name = report.latency.whole, "Confirmed within 30 s"
    if speed.few:
        few = f"{formats.count(speed.measured)} measured; shown from {FEW_MEASURED} on"
        return Card(name, formats.MISSING, notes=(few,))
    notes = [
        "of delivered messages",
        f"half in {formats.duration(speed.p50)}, 95% in {formats.duration(speed.p95)}",
    ]
    if speed.scts_within_30s is not None:
        margin = formats.rate(speed.scts_within_30s_margin)
        rate = formats.rate(speed.scts_within_30s)
        notes.append(f"estimate by scts: {rate} (±\N{NO-BREAK SPACE}{margin})")
    if speed.from_accepted:
        notes.append(f"{formats.rate(speed.from_accepted, 0)} timed from acceptance")
    card = Card(name, formats.rate_figure(speed.within_30s), unit="%", notes=tuple(notes))
    return _changed(card, comparison.of_speed(report))


def _cost(report: Report) -> Card:
    """What was paid for undelivered messages, in each currency, and in all."""
    if not report.spending:
        return Card(PAID, formats.MISSING, notes=("no message carries a price",))
    first, *others = report.spending
    notes = [f"and {formats.money(each.whole.wasted, each.currency)}" for each in others]
    total = " and ".join(formats.money(each.whole.cost, each.currency) for each in report.spending)
    notes.append(f"of {total} in all")
    if first.whole.per_delivered is not None:
        each = formats.price_each(first.whole.per_delivered, first.currency)
        notes.append(f"{each} per delivered message")
    figure = formats.money_figure(first.whole.wasted)
    sign = formats.currency_sign(first.currency)
    card = Card(PAID, figure, before=sign + " " * (len(sign) > 1), notes=tuple(notes))
    return _changed(card, comparison.of_money(report))
