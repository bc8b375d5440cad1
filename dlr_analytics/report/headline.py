"""The top of a report: the finding, its scope and four headline figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dlr_analytics.analysis.filters import DEFAULT_CHANNEL
from dlr_analytics.presentation import formats
from dlr_analytics.report.captions import channel, condition
from dlr_analytics.report.command import line
from dlr_analytics.report.model import FEW_MEASURED, Report, Tally

KICKER: Final = "SMS delivery report"


@dataclass(frozen=True, slots=True)
class Card:
    """A headline figure; ``before`` and ``unit`` are set small around the value."""

    name: str
    value: str
    before: str = ""
    unit: str = ""
    notes: tuple[str, ...] = ()

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
    return f"{formats.rate(tally.rate)} of messages were delivered"


def scope(report: Report) -> str:
    """State the messages, networks, period and as-of time of the finding."""
    tally, period = report.tally, report.period
    if not tally.messages:
        return ""
    sent = formats.dates(period.first, period.last)
    open_ = formats.counted(tally.pending, "message is", "messages are")
    settled = f"{open_} pending ({formats.rate(tally.pending / tally.messages)})"
    parts = [
        f"{formats.counted(tally.messages, 'message')} to {_destinations(report)}, sent {sent}.",
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
        return (
            f"The data in `{report.source}` holds no receipt and no send time as of "
            f"{formats.moment(report.period.as_of, report.period.tz)}. `dlr receive` starts the "
            "receiver; `dlr demo` shows the whole with simulated messages."
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
    return _rate(report.tally), _messages(report.tally), _confirmed(report), _cost(report)


def _counted(tally: Tally) -> str:
    was = "was" if tally.delivered == 1 else "were"
    count, messages = formats.count(tally.delivered), formats.count(tally.messages)
    pending = f", {formats.count(tally.pending)} pending" if tally.pending else ""
    return f"{count} of {messages} messages {was} delivered{pending}"


def _destinations(report: Report) -> str:
    if len(report.networks) == 1:
        (only,) = report.networks
        names = " ".join(filter(None, [only.code or "an unnamed network", only.network]))
        return f"{names} ({only.country_name}), the only network"
    networks = formats.counted(len(report.networks), "network")
    countries = len({c.whole.country for c in report.countries if c.whole.country})
    return f"{networks} in {formats.counted(countries, 'country', 'countries')}"


def _rate(tally: Tally) -> Card:
    name = "Delivery rate"
    if tally.rate is None:
        most = f"at most {formats.rate(tally.best)}, if all pending arrive"
        return Card(name, formats.rate_figure(tally.floor), before="≥ ", unit="%", notes=(most,))
    decimals = 0 if tally.few else 2
    notes = [f"95% interval {formats.interval(tally.low, tally.high, decimals)}"]
    if tally.pending:
        notes.append(
            f"will end between {formats.rate_figure(tally.floor)} and {formats.rate(tally.best)}"
        )
    return Card(name, formats.rate_figure(tally.rate), unit="%", notes=tuple(notes))


def _messages(tally: Tally) -> Card:
    value, unit = formats.count_short(tally.messages)
    note = f"{formats.count(tally.settled)} settled"
    if not tally.pending:
        note = f"{formats.count(tally.undelivered)} not delivered"
    return Card("Messages", value, unit=f" {unit}".rstrip(), notes=(note,))


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
    return Card(name, formats.rate_figure(speed.within_30s), unit="%", notes=tuple(notes))


def _cost(report: Report) -> Card:
    if not report.spending:
        return Card("Cost", formats.MISSING, notes=("no message carries a price",))
    first, *others = report.spending
    notes = [f"and {formats.money(each.whole.cost, each.currency)}" for each in others]
    if first.whole.per_delivered is not None:
        each = formats.price_each(first.whole.per_delivered, first.currency)
        notes.append(f"{each} per delivered message")
    if first.whole.wasted:
        notes.append(f"{formats.money(first.whole.wasted, first.currency)} for undelivered")
    figure = formats.money_figure(first.whole.cost)
    sign = formats.currency_sign(first.currency)
    return Card("Cost", figure, before=sign + " " * (len(sign) > 1), notes=tuple(notes))
