"""What the figures rest on: how much was read, and what of it could not be used."""

from __future__ import annotations

from pathlib import Path

from dlr_analytics.report.gather.question import Question
from dlr_analytics.report.sections import Remark
from dlr_analytics.store import quarantine
from dlr_analytics.vocabulary import PROBLEMS


def quality(question: Question, data: Path) -> tuple[Remark, ...]:
    """Counts with what they are a share of, and what they do to the figures.

    Parameters
    ----------
    question : Question
        The period.
    data : Path
        The data directory, for its quarantine: what lies there belongs to no period.
    """
    (row,) = question.ask("data-quality")
    messages, delivered = row["messages"], row["delivered"]
    each = f"{row['receipts'] / messages:.1f} a message" if messages else ""
    quarantined = sum(1 for _ in quarantine.entries(data))
    return (
        Remark("Receipts read", row["receipts"], None, each),
        Remark("Repeated receipts", row["duplicates"], row["receipts"], "counted once"),
        Remark(
            "Sent, and no receipt came",
            row["without_receipt"],
            messages,
            "known from the send log only",
        ),
        Remark("No network code", row["without_network_code"], messages, "under Unknown country"),
        Remark("No price", row["without_price"], messages, "not in the cost"),
        Remark(
            "Delivered, no send time known",
            row["without_send_time"],
            delivered,
            "not in the latencies",
        ),
        Remark(
            "Send time from the accepted receipt",
            row["from_accepted"],
            row["push_measured"],
            "latency is too short by the time before the carrier took the message",
        ),
        Remark(
            "Silent: no final receipt in 72 h", row["silent"], messages, "counted as not delivered"
        ),
        *_problems(question, messages),
        Remark("Quarantined, not understood", quarantined, None, "dlr quarantine --replay"),
    )


def _problems(question: Question, messages: int) -> list[Remark]:
    found = sorted(question.ask("problems"), key=lambda row: -row["messages"])
    return [
        Remark(row["problem"], row["messages"], messages, PROBLEMS.get(row["problem"], ""))
        for row in found
    ]
