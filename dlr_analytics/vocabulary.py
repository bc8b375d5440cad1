"""Statuses, err-codes, problems and thresholds: one definition for Python and SQL.

SQL reads them as small tables. Source of the codes and statuses: Vonage's SMS API delivery receipt
documentation and receipts published by its users. Values not listed here pass through unchanged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MATURE_HOURS: Final = 72
"""Vonage retries for 72 h, then sends ``expired`` itself: a status does not change after that."""

CONTRADICTION_HOURS: Final = 86
"""``scts`` as written may differ from ``message-timestamp`` by 72 h and a zone's offset, 14 h."""

AHEAD_HOURS: Final = 24
"""How far a ``received_at`` may be ahead of the clock of whoever reads it."""

FUTURE_HOURS: Final = 24
"""A ``message-timestamp`` more than this after its arrival is from a wrong clock."""

FIRST_YEAR: Final = 2000
"""A ``message-timestamp`` before this year is from a wrong clock."""

SEND_TIMES_APART_MINUTES: Final = 5
"""Send times from two sources contradict each other if they differ by more than this."""

MIN_MATURE: Final = 100
"""Minimum number of mature messages to estimate a network's own delivery curve."""


# fmt: off
ZONES: Final = (
    -720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -150, -120, -60,
    0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 525, 540, 570, 600,
    630, 660, 690, 720, 765, 780, 825, 840,
)
# fmt: on
"""UTC offsets in use on Earth, in minutes: the candidates for the offset of ``scts``."""


class Status(NamedTuple):
    """A receipt status, its class, and its rank in a tie of times (1 wins)."""

    status: str
    status_class: str
    rank: int


STATUSES: Final = (
    Status("delivered", "final", 1),
    Status("read", "final", 2),
    Status("failed", "final", 3),
    Status("rejected", "final", 4),
    Status("expired", "final", 5),
    Status("unknown", "unknown", 6),
    Status("accepted", "intermediate", 7),
    Status("buffered", "intermediate", 7),
)
"""Documented statuses. Any other is ``unrecognised`` with rank 7; ties of rank are by name.

``read`` is of other channels than SMS: its message counts as delivered.
"""

UNRECOGNISED: Final = Status("", "unrecognised", 7)

FINAL_STATUSES: Final = tuple(s.status for s in STATUSES if s.status_class == "final")


class Alias(NamedTuple):
    """A synonym of a status, in lower case as stored."""

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
"""SMPP spellings, and ``undeliverable`` of the Messages API."""

OUTCOMES: Final = (
    "delivered",
    "failed",
    "expired",
    "rejected",
    "unknown",
    "silent",
    "pending",
)
"""Each message has exactly one of these outcomes."""


class ErrCode(NamedTuple):
    """An err-code of a receipt; status codes of submit responses differ."""

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
    # of a receipt, found by webhook.receipt
    "status_missing": "no status in the receipt",
    "status_unrecognised": "an undocumented status; stored, counted as not final",
    "err_code_unreadable": "err-code is not a whole number of 16 bits",
    "price_missing": "price is missing or empty",
    "price_unreadable": "price is not a decimal of up to 10 digits before and 8 after the point",
    "price_comma": "price was written with a decimal comma",
    "scts_missing": "no scts",
    "scts_unreadable": "scts is not YYMMDDHHMM",
    "message_timestamp_missing": "no message-timestamp; the time of arrival is used",
    "message_timestamp_unreadable": "message-timestamp is unreadable; the time of arrival is used",
    "message_timestamp_implausible": "message-timestamp is before 2000 or over 24 h after arrival",
    "times_contradict": "scts and message-timestamp contradict each other: no latency is measured",
    "field_unreadable": "a field had a list or an object instead of text",
    "text_not_utf8": "a value was not UTF-8; typed columns have replacement characters",
    # of a message, found when its receipts and send records are joined
    "prices_disagree": "receipts of this message have different prices",
    "carrier_clock_off": "the carrier's clock is minutes off: measured by push time only",
    "send_times_disagree": "sources of the send time are more than 5 minutes apart",
    "network_unknown": "network-code is in no list of networks; its country is by MCC or name",
}
"""Values of ``problems`` of receipts and messages, and their meaning."""


def status_of(text: str) -> Status:
    """Look up class and rank of a status; aliases are resolved.

    Examples
    --------
    >>> status_of("delivrd")
    Status(status='delivered', status_class='final', rank=1)
    >>> status_of("teleported")
    Status(status='teleported', status_class='unrecognised', rank=7)
    """
    name = dict(ALIASES).get(text, text)
    known = {s.status: s for s in STATUSES}
    return known.get(name, UNRECOGNISED._replace(status=name))
