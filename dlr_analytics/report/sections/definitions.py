"""The definitions of the terms that a report uses."""

from __future__ import annotations

from typing import Final

from dlr_analytics import __version__
from dlr_analytics.presentation.table import TEXT, Column, Table
from dlr_analytics.report.model import Report

DEFINITIONS: Final = {
    "Message": "One message part, identified by its message ID. Repeated receipts count once.",
    "Settled": "Final status, or sent more than 72 h before the report’s “as of”.",
    "Undelivered": "Settled and not delivered: failed, expired, rejected, unknown or silent.",
    "Delivery rate": (
        "Delivered messages, and of each pending one the share of earlier messages of its "
        "network, pending at the same age, that arrived in the end; as a share of all messages."
        " Where nothing is pending: delivered / messages."
    ),
    "95% interval": (
        "Wilson’s: sampling error only. Days and hours differ by more than that, so two "
        "intervals that do not overlap are no proof of a change."
    ),
    "Pending, not settled yet": (
        "No final status and sent within the last 72 h. Such days are shown as the range from "
        "delivered / messages to (delivered + pending) / messages, because quick receipts "
        "arrive first and would flatter the rate."
    ),
    "Unknown, silent": ("After 72 h: the carrier’s answer was unknown, or no final receipt came."),
    "By day, in the table": (
        "Settled days, put together until each point stands for 100 messages. Every row spans the "
        "same 12 points around its own rate, so that a quiet network looks quiet."
    ),
    "Half, 95% within": (
        "The smallest time with at least that share of the measured at or below it, from "
        "sending to the making of the receipt."
    ),
    "Stand-in send time": (
        "Where no send log tells when a message was sent, the accepted receipt’s time stands "
        "in. It misses the time before the carrier took the message."
    ),
    "Answered, timed out": (
        "Answered: a final receipt that is no time-out. Where no final receipt came in 72 h, "
        "Vonage itself sends “expired”: that is a time-out and no failed delivery. A network "
        "answered for less than 90% can be off by more than 10 points, so it is not compared."
    ),
    "Cost": "Sum of price over messages, never over receipts. Currencies are never added.",
}
"""In the order of the sections that use them."""

SMS: Final = (
    "One SMS: the parts that a send log links count as one, delivered when all of them are."
    " Repeated receipts count once."
)
"""What a message is where SMS are counted."""


def tables(report: Report) -> tuple[Table, ...]:
    """Return the terms and their meaning, with the command as a note."""
    terms = dict(DEFINITIONS)
    if report.request.unit == "sms":
        terms["Message"] = SMS
    return (
        Table(
            "Definitions",
            "Definitions",
            "",
            (Column("Term", TEXT), Column("Meaning", TEXT)),
            tuple(terms.items()),
            note=f"Made by dlr_analytics {__version__}: `{report.command}`",
        ),
    )
