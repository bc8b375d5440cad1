"""The field's terms, said once: read by Python here, and by SQL as the small tables below.

Source of the codes and statuses: Vonage's SMS API delivery receipt documentation and receipts
published by its users. Everything that is not listed here passes through unchanged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MATURE_HOURS: Final = 72
"""Vonage retries for 72 h, then itself sends ``expired``: after that a status stays as it is."""

CONTRADICTION_HOURS: Final = 86
"""``scts`` as written may differ from ``message-timestamp`` by 72 h and a zone's offset, 14 h."""

FUTURE_HOURS: Final = 24
"""A ``message-timestamp`` further than this after its arrival is a wrong clock."""

FIRST_YEAR: Final = 2000
"""A ``message-timestamp`` before this year is a wrong clock."""

SEND_TIMES_APART_MINUTES: Final = 5
"""Sources that name send times further apart than this contradict each other."""

MIN_MATURE: Final = 100
"""Below this many mature messages a network's own curve says nothing (contract: ``expected``)."""


# fmt: off
ZONES: Final = (
    -720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -150, -120, -60,
    0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 525, 540, 570, 600,
    630, 660, 690, 720, 765, 780, 825, 840,
)
# fmt: on
"""Minutes ahead of UTC that some clock on Earth shows: what the offset of ``scts`` can be."""


class Status(NamedTuple):
    """A receipt status: its class, and its rank when two are equally late (1 wins)."""

    status: str
    status_class: str
    rank: int


STATUSES: Final = (
    Status("delivered", "final", 1),
    Status("failed", "final", 2),
    Status("rejected", "final", 3),
    Status("expired", "final", 4),
    Status("unknown", "unknown", 5),
    Status("accepted", "intermediate", 6),
    Status("buffered", "intermediate", 6),
)
"""Statuses that Vonage documents. Any other is ``unrecognised`` and has rank 6, as the last two:
those are told apart by name."""

UNRECOGNISED: Final = Status("", "unrecognised", 6)

FINAL_STATUSES: Final = tuple(s.status for s in STATUSES if s.status_class == "final")


class Alias(NamedTuple):
    """Another word for a status, lower case as it is stored."""

    alias: str
    status: str


ALIASES: Final = (
    Alias("acceptd", "accepted"),
    Alias("deleted", "failed"),
    Alias("delivrd", "delivered"),
    Alias("rejectd", "rejected"),
    Alias("undeliv", "failed"),
    Alias("undeliverable", "failed"),
)
"""SMPP tools' words, and the Messages API's ``undeliverable``."""

OUTCOMES: Final = (
    "delivered",
    "failed",
    "expired",
    "rejected",
    "unknown",
    "silent",
    "pending",
)
"""Each message is exactly one of these."""


class ErrCode(NamedTuple):
    """An err-code of a receipt. A submit response's numbers mean other things: not for those."""

    err_code: int
    meaning: str
    kind: str
    advice: str


_LATER: Final = "Try again later."
_STOP: Final = "Stop sending to the number."
_FIX_SENDER: Final = "Fix the sender, the content or its registration."
_ASK: Final = "Ask Vonage's support."

ERR_CODES: Final = (
    ErrCode(0, "Delivered", "none", ""),
    ErrCode(1, "Unknown", "unknown", "No reason given: look at the network, not the number."),
    ErrCode(2, "Absent subscriber, temporary", "temporary", _LATER),
    ErrCode(3, "Absent subscriber, permanent", "permanent", _STOP),
    ErrCode(4, "Call barred by user", "permanent", _STOP),
    ErrCode(5, "Portability error", "permanent", _ASK),
    ErrCode(6, "Anti-spam rejection", "content or sender", _FIX_SENDER),
    ErrCode(7, "Handset busy", "temporary", _LATER),
    ErrCode(8, "Network error", "temporary", _LATER),
    ErrCode(9, "Illegal number", "permanent", _STOP),
    ErrCode(10, "Illegal message", "content", "Fix the encoding or the user data header."),
    ErrCode(11, "Unroutable", "configuration", _ASK),
    ErrCode(12, "Destination unreachable", "permanent", _STOP),
    ErrCode(13, "Subscriber age restriction", "permanent", _STOP),
    ErrCode(14, "Number blocked by carrier", "permanent", _STOP),
    ErrCode(15, "Prepaid, insufficient funds", "temporary", _LATER),
    ErrCode(16, "Gateway quota exceeded", "temporary", "Send more slowly."),
    ErrCode(22, "SMS burst protection", "temporary", "Send more slowly to this number."),
    ErrCode(50, "Entity filter", "configuration", _FIX_SENDER),
    ErrCode(51, "Header filter", "configuration", _FIX_SENDER),
    ErrCode(52, "Content filter", "configuration", _FIX_SENDER),
    ErrCode(53, "Consent filter", "configuration", _FIX_SENDER),
    ErrCode(54, "Regulation error", "configuration", _FIX_SENDER),
    ErrCode(99, "General error", "unknown", _ASK),
)

PROBLEMS: Final = {
    # of a receipt, named by whoever reads the wire
    "status_missing": "no status in the receipt",
    "status_unrecognised": "a status that Vonage does not document; kept, counted as not final",
    "err_code_unreadable": "err-code is not a whole number of 16 bits",
    "price_missing": "price is missing or empty",
    "price_unreadable": "price is not a decimal of up to 10 digits before and 8 after the point",
    "price_comma": "price was written with a decimal comma",
    "scts_missing": "no scts",
    "scts_unreadable": "scts is not YYMMDDHHMM",
    "message_timestamp_missing": "no message-timestamp; the time of arrival stands in",
    "message_timestamp_unreadable": "message-timestamp is no time; the time of arrival stands in",
    "message_timestamp_implausible": "message-timestamp is before 2000 or over 24 h after arrival",
    "times_contradict": "scts and message-timestamp cannot both be true: no latency is measured",
    "field_unreadable": "a field held a list or an object where text belongs",
    "text_not_utf8": "a value was not UTF-8; the typed columns hold replacement characters",
    # of a message, named when its receipts are put together
    "prices_disagree": "receipts of this message name different prices",
    "carrier_clock_off": "the carrier's clock is minutes off: measured by push time only",
    "send_times_disagree": "sources of the send time are more than 5 minutes apart",
    "network_unknown": "network-code is in no list of networks; the country is that of its MCC",
}
"""What a receipt's or a message's ``problems`` can name, and what it means."""


def status_of(word: str) -> Status:
    """Class and rank of a receipt's status, aliases resolved.

    Examples
    --------
    >>> status_of("delivrd")
    Status(status='delivered', status_class='final', rank=1)
    >>> status_of("teleported")
    Status(status='teleported', status_class='unrecognised', rank=6)
    """
    name = dict(ALIASES).get(word, word)
    known = {s.status: s for s in STATUSES}
    return known.get(name, UNRECOGNISED._replace(status=name))
