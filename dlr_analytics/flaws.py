"""What can be wrong with data or missing from it, and what each flaw does to the figures.

Said once: the metric ``quality`` reads it as a small table, the report and the docs by name.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from dlr_analytics.vocabulary import MATURE_HOURS, PROBLEMS


class Flaw(NamedTuple):
    """A flaw by name, what it means, and what it does to the figures.

    ``shown_by`` is what has it: a ``receipt``, or only the ``message`` as a whole.
    """

    problem: str
    shown_by: str
    meaning: str
    effect: str


def _named(problem: str, shown_by: str, effect: str) -> Flaw:
    """One that stands in ``problems``, whose meaning the vocabulary has."""
    return Flaw(problem, shown_by, PROBLEMS[problem], effect)


FLAWS: Final = (
    Flaw(
        "receipt_missing",
        "message",
        "a send record, and no receipt came",
        "known from the send log only; silent once it is mature",
    ),
    Flaw(
        "send_missing",
        "message",
        "receipts, and no send record",
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
        "arrived after one that was made later",
        "none: the order is that of message-timestamp",
    ),
    Flaw(
        "receipt_before_send",
        "receipt",
        "made before its message was sent, by the sender's clock",
        "the latency is below zero; it is kept and counted",
    ),
    Flaw(
        "receipt_late",
        "receipt",
        f"arrived more than {MATURE_HOURS} h after its message was sent",
        "a settled outcome can have changed: an older report said otherwise",
    ),
    _named("status_missing", "receipt", "says nothing of the outcome"),
    _named("status_unrecognised", "receipt", "not final: pending, then silent"),
    _named("err_code_unreadable", "receipt", "among the errors without an err-code"),
    Flaw(
        "send_time_missing",
        "message",
        "nothing tells when it was sent",
        "in no latency; the first receipt's time is the message time",
    ),
    Flaw(
        "send_time_stand_in",
        "message",
        "the accepted receipt's time stands in for the send time",
        "the latency is too short by the time before the carrier took the message",
    ),
    _named("send_times_disagree", "message", "the send log wins, then the Reports API"),
    _named("scts_missing", "receipt", "no latency from scts; push latency is not touched"),
    _named("scts_unreadable", "receipt", "no latency from scts; push latency is not touched"),
    Flaw(
        "offset_unknown",
        "message",
        "delivered, with an scts whose offset cannot be told",
        "no latency from scts; push latency is not touched",
    ),
    _named("times_contradict", "message", "in no latency, neither from scts nor by push"),
    _named("carrier_clock_off", "message", "no latency from scts; push latency is not touched"),
    _named("message_timestamp_missing", "receipt", "in no push latency; ordered by arrival"),
    _named("message_timestamp_unreadable", "receipt", "in no push latency; ordered by arrival"),
    _named("message_timestamp_implausible", "receipt", "in no push latency; ordered by arrival"),
    Flaw(
        "price_unknown",
        "message",
        "no receipt and no send record names a price",
        "not in the cost, which is too low by its price",
    ),
    _named("price_missing", "receipt", "another receipt's price, or the send record's, stands in"),
    _named(
        "price_unreadable", "receipt", "another receipt's price, or the send record's, stands in"
    ),
    _named("price_comma", "receipt", "none: the comma is read as a point"),
    _named("prices_disagree", "message", "the deciding receipt's price counts, once"),
    Flaw(
        "network_code_missing",
        "message",
        "no receipt and no send record names a network code",
        "in the totals, under no country and no network",
    ),
    _named("network_unknown", "message", "the network has no name; its country is still known"),
    _named("field_unreadable", "receipt", "that field is missing; raw keeps it"),
    _named("text_not_utf8", "receipt", "that text is damaged; raw keeps it"),
)
"""In the order in which they are told: whole receipts first, then status, times, price, network."""
