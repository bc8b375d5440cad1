"""Flaws of receipts and messages, and their effect on the figures.

One definition: the metric ``quality`` joins it as a table, report and docs refer to its names.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from dlr_analytics.vocabulary import MATURE_HOURS, PROBLEMS


class Flaw(NamedTuple):
    """A flaw, its meaning, and its effect on the figures.

    ``level`` is ``receipt`` if single receipts have it, ``message`` if only a message as a whole
    can have it, ``other`` if it is about what the figures leave out.
    """

    problem: str
    level: str
    meaning: str
    effect: str


def _named(problem: str, level: str, effect: str) -> Flaw:
    """A flaw listed in ``problems``, with its meaning from the vocabulary."""
    return Flaw(problem, level, PROBLEMS[problem], effect)


FLAWS: Final = (
    Flaw(
        "receipt_missing",
        "message",
        "a send record, but no receipt",
        "known from the send log only; silent once mature",
    ),
    Flaw(
        "send_missing",
        "message",
        "receipts, but no send record",
        "the first receipt's time, or a stand-in, is the message time",
    ),
    Flaw(
        "receipt_repeated",
        "receipt",
        "equal to an earlier receipt of its message",
        "counted once: rates, latencies and costs do not change",
    ),
    Flaw(
        "receipt_out_of_order",
        "receipt",
        "arrived after a receipt with a later message-timestamp",
        "none: receipts are ordered by message-timestamp",
    ),
    Flaw(
        "receipt_before_send",
        "receipt",
        "message-timestamp is before the send time, by the sender's clock",
        "the latency is negative; it is counted",
    ),
    Flaw(
        "receipt_late",
        "receipt",
        f"arrived more than {MATURE_HOURS} h after its message was sent",
        "a settled outcome may have changed since an older report",
    ),
    _named("status_missing", "receipt", "has no effect on the outcome"),
    _named("status_unrecognised", "receipt", "not final: the message is pending, then silent"),
    _named("err_code_unreadable", "receipt", "counted among the errors without an err-code"),
    Flaw(
        "send_time_missing",
        "message",
        "no source has a send time",
        "excluded from latency; the first receipt's time is the message time",
    ),
    Flaw(
        "send_time_stand_in",
        "message",
        "the accepted receipt's time is used as the send time",
        "the latency is too short by the time before the carrier took the message",
    ),
    _named("send_times_disagree", "message", "the send log has priority, then the Reports API"),
    _named("scts_missing", "receipt", "no latency from scts; push latency is not affected"),
    _named("scts_unreadable", "receipt", "no latency from scts; push latency is not affected"),
    Flaw(
        "offset_unknown",
        "message",
        "delivered, but the offset of its scts is unknown",
        "no latency from scts; push latency is not affected",
    ),
    _named("times_contradict", "message", "excluded from latency, both from scts and by push"),
    _named("carrier_clock_off", "message", "no latency from scts; push latency is not affected"),
    _named(
        "message_timestamp_missing", "receipt", "excluded from push latency; ordered by arrival"
    ),
    _named(
        "message_timestamp_unreadable", "receipt", "excluded from push latency; ordered by arrival"
    ),
    _named(
        "message_timestamp_implausible", "receipt", "excluded from push latency; ordered by arrival"
    ),
    Flaw(
        "price_unknown",
        "message",
        "no receipt and no send record has a price",
        "excluded from the cost, which is too low",
    ),
    _named(
        "price_missing", "receipt", "the price of another receipt or of the send record is used"
    ),
    _named(
        "price_unreadable", "receipt", "the price of another receipt or of the send record is used"
    ),
    _named("price_comma", "receipt", "none: the comma is read as a point"),
    _named("prices_disagree", "message", "the deciding receipt's price counts, once"),
    Flaw(
        "network_code_missing",
        "message",
        "no receipt and no send record has a network code",
        "counted in totals, but in no country and no network",
    ),
    _named(
        "network_unknown",
        "message",
        "the network has no name; its country is known where the code tells",
    ),
    _named("field_unreadable", "receipt", "the field is NULL; raw has its text"),
    _named("text_not_utf8", "receipt", "the text has replacement characters; raw has the bytes"),
    Flaw(
        "other_channel",
        "other",
        "of another channel than the one asked for",
        "left out: `--channel` asks about them",
    ),
    Flaw(
        "not_a_receipt",
        "other",
        "calls at the receipt URL that are no receipts, like inbound messages",
        "left out: they are in the quarantine",
    ),
)
"""In order of display: whole receipts, then status, times, price, network, what is left out."""
