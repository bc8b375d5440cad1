"""One SMS: its fields, the single POST that sends it, and the answer's meaning.

"Not sent" is said only of a connection that was never made and of an answer that refuses the
message. A cut, a time-out, a 5xx or an answer without JSON leave it open: the message may be on its
way, and must not be posted again.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from dlr_analytics.connect.http import NoResponse, Response
from dlr_analytics.connect.vonage import Account, json_object
from dlr_analytics.errors import UsageError
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.checks import Finding, unknown, wrong
from dlr_analytics.webhook.fields import read_price

TEXT: Final = "This message tests delivery receipts."

_CREDENTIALS: Final = "check VONAGE_API_KEY and VONAGE_API_SECRET"
_SUBMIT_STATUSES: Final = {
    "1": ("throttled", "wait a moment, then try again"),
    "2": ("a parameter is missing", ""),
    "3": ("a parameter is invalid", "check --to and --from"),
    "4": ("key or secret is wrong", _CREDENTIALS),
    "5": ("internal error", "try again later"),
    "6": ("the message is invalid", "check --to and --from"),
    "7": ("the number is barred", "try another number with --to"),
    "8": ("the account is barred", "ask Vonage's support"),
    "9": ("not enough balance", "top up the account's balance"),
    "11": ("the account may not use the SMS API", "ask Vonage's support"),
    "14": ("the signature is wrong", "let the account send unsigned, or ask Vonage's support"),
    "15": ("the sender is not allowed", "give another sender with --from"),
    "23": ("the callback is invalid", "set the URL at the account and try with --account-url"),
    "29": (
        "the account is a trial and the number is not on its list",
        "add the number to the trial account's list in the dashboard",
    ),
    "33": ("the number is deactivated", "try another number with --to"),
}
"""Statuses of a submit response: what they mean, and what to do."""


def parse_number(text: str) -> str:
    """Parse a phone number into its digits.

    Examples
    --------
    >>> parse_number("+44 (7700) 900001"), parse_number("00447700900001")
    ('447700900001', '447700900001')
    >>> parse_number("0770")
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: --to is no phone number; give 7 to 15 digits that ...
    """
    bare = re.sub(r"[\s()\[\]]", "", text)
    digits = bare[1:] if bare.startswith("+") else bare.removeprefix("00")
    if not re.fullmatch(r"[1-9][0-9]{6,14}", digits):
        raise UsageError(
            "--to is no phone number",
            "give 7 to 15 digits that begin with the country's code",
        )
    return digits


def make_client_ref() -> str:
    """Make a random reference, in letters so that it is no number."""
    return "dlr-try-" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))


@dataclass(frozen=True, slots=True)
class Part:
    """An accepted part; ``message_id`` is empty if the answer has none."""

    message_id: str
    network_code: str | None = None
    price: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """Result of the POST: ``finding`` is None if every part was accepted.

    A ``wrong`` finding says that it was refused, an ``unknown`` one that nobody knows.
    """

    parts: tuple[Part, ...] = ()
    finding: Finding | None = None


def submit(account: Account, form: dict[str, str]) -> Submission:
    """Send a message by exactly one POST."""
    try:
        response = account.send(form)
    except NoResponse as error:
        if not error.sent:
            return Submission(finding=wrong(f"not sent: {error.reason}", "try again later"))
        return Submission(finding=_not_known(error.reason))
    return read_submission(response)


def read_submission(response: Response) -> Submission:
    """Interpret the answer to a submission.

    Examples
    --------
    >>> body = b'{"messages": [{"status": "0", "message-id": "0A"}]}'
    >>> read_submission(Response(200, {}, body, None, 0, 0)).parts
    (Part(message_id='0A', network_code=None, price=None),)
    >>> read_submission(Response(500, {}, body, None, 0, 0)).finding.result
    'unknown'
    """
    status = response.status
    if status == HTTPStatus.UNAUTHORIZED:
        return Submission(finding=wrong("not sent: Vonage answered 401", _CREDENTIALS))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Submission(finding=wrong("not sent: Vonage answered 429", "wait, then try again"))
    entries = json_object(response).get("messages")
    if (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        or not isinstance(entries, list)
        or not entries
        or not all(isinstance(entry, dict) and "status" in entry for entry in entries)
    ):
        return Submission(finding=_not_known(f"Vonage answered {status}"))
    taken = tuple(_part(entry) for entry in entries if str(entry["status"]) == "0")
    bad = next((entry for entry in entries if str(entry["status"]) != "0"), None)
    return Submission(taken, None if bad is None else _refused(str(bad["status"]), len(entries)))


def _part(entry: Mapping[str, Any]) -> Part:
    return Part(
        str(entry.get("message-id") or "").strip(),
        _text(entry.get("network")),
        _text(entry.get("message-price")),
    )


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and value != "" else None


def _refused(status: str, parts: int) -> Finding:
    if not re.fullmatch("[0-9]{1,3}", status):
        return wrong("not sent: a status that cannot be read", "ask Vonage's support")
    meaning, remedy = _SUBMIT_STATUSES.get(status, ("", ""))
    which = "a part was not sent" if parts > 1 else "not sent"
    named = f"status {status}" + (f", {meaning}" if meaning else "")
    return wrong(f"{which}: {named}", remedy or "look the status up in Vonage's documentation")


def _not_known(reason: str) -> Finding:
    return unknown(
        f"not known whether it was sent: {reason}", "look at the telephone before you try again"
    )


def sends_of(parts: tuple[Part, ...], form: Mapping[str, str], sent_at: dt.datetime) -> list[Send]:
    """Build the send records of the parts; ``sent_at`` is naive UTC."""
    identified = [part for part in parts if part.message_id]
    return [
        Send(
            message_id=part.message_id,
            sent_at=sent_at,
            msisdn=form["to"],
            sender=form["from"],
            network_code=part.network_code,
            price=None if part.price is None else read_price(part.price),
            client_ref=form["client-ref"],
            sms_id=identified[0].message_id,
            part=number,
            parts=len(parts),
        )
        for number, part in enumerate(parts, start=1)
        if part.message_id
    ]
