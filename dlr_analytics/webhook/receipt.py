"""From the wire to a typed receipt. Total: never raises on content, names what it cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from dlr_analytics.vocabulary import (
    ALIASES,
    CONTRADICTION_HOURS,
    FIRST_YEAR,
    FUTURE_HOURS,
    STATUSES,
)
from dlr_analytics.webhook.encoding import escape_surrogates, has_surrogates, replace_surrogates
from dlr_analytics.webhook.fields import read_err_code, read_price, read_scts, read_time
from dlr_analytics.webhook.messages_api import as_sms, is_status_webhook
from dlr_analytics.webhook.parameters import Parameters, Value, last, text_of, to_json

COLUMNS: Final = {
    "received_at": "TIMESTAMP",
    "message_id": "VARCHAR",
    "msisdn": "VARCHAR",
    "sender": "VARCHAR",
    "network_code": "VARCHAR",
    "status": "VARCHAR",
    "err_code": "SMALLINT",
    "price": "DECIMAL(18,8)",
    "scts": "TIMESTAMP",
    "scts_raw": "VARCHAR",
    "message_timestamp": "TIMESTAMP",
    "api_key": "VARCHAR",
    "client_ref": "VARCHAR",
    "problems": "VARCHAR[]",
    "source": "VARCHAR",
    "raw": "VARCHAR",
}
"""Columns of ``receipts`` and their SQL types, in order."""

MESSAGE_ID_NAMES: Final = ("messageId", "message-id", "message_id")
"""The receipt's own name first; the submit response and the Reports API spell it otherwise."""

FIELD_NAMES: Final = (
    "msisdn",
    "to",
    "network-code",
    "price",
    "status",
    "err-code",
    "scts",
    "message-timestamp",
    "api-key",
    "client-ref",
)
"""The receipt's fields that have a column, beside the message ID."""

_KNOWN_STATUSES: Final = frozenset(s.status for s in STATUSES) | {a.alias for a in ALIASES}
_CONTRADICTION: Final = timedelta(hours=CONTRADICTION_HOURS)
_FUTURE: Final = timedelta(hours=FUTURE_HOURS)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery receipt, typed as the columns of ``receipts``.

    Times are naive UTC, except ``scts``, which is as the carrier wrote it, without a zone.
    """

    received_at: datetime
    message_id: str
    msisdn: str | None
    sender: str | None
    network_code: str | None
    status: str | None
    err_code: int | None
    price: Decimal | None
    scts: datetime | None
    scts_raw: str | None
    message_timestamp: datetime | None
    api_key: str | None
    client_ref: str | None
    problems: tuple[str, ...]
    source: str
    raw: str


def read_receipt(
    parameters: Parameters,
    received_at: datetime,
    source: str | None = None,
    came: Parameters | None = None,
) -> Receipt | None:
    """Type a call's parameters.

    Parameters
    ----------
    parameters : mapping
        An SMS receipt's or a Messages API status webhook's, as
        :mod:`dlr_analytics.webhook.parameters` splits them.
    received_at : datetime
        Naive UTC; what a wrong clock in the receipt is told by.
    source : str, optional
        By default ``sms`` or ``messages``, as the parameters show.
    came : mapping, optional
        All that came, for ``raw``, where ``parameters`` are only what a signature vouches for.

    Returns
    -------
    Receipt or None
        None where there is no message ID. A field that cannot be read is None, its text stays in
        ``raw``, and ``problems`` names it. Never raises on content.

    Examples
    --------
    >>> receipt = read_receipt(
    ...     {"messageId": "0A0000001234ABCD", "status": "DELIVRD", "price": "0,0333"},
    ...     datetime(2026, 11, 24, 8, 0),
    ... )
    >>> receipt.status, receipt.price
    ('delivrd', Decimal('0.03330000'))
    >>> receipt.problems
    ('price_comma', 'scts_missing', 'message_timestamp_missing')
    """
    webhook = is_status_webhook(parameters)
    fields = as_sms(parameters) if webhook else parameters
    message_id = _text(_message_id(fields))
    if message_id is None:
        return None
    raw = to_json(parameters if came is None else came)
    status, status_problem = _status(_text(fields.get("status")))
    err_code, err_code_problem = _err_code(_text(fields.get("err-code")))
    price, price_problem = _price(_text(fields.get("price")))
    scts_raw = _text(fields.get("scts"))
    scts, scts_problem = _scts(scts_raw)
    pushed, pushed_problem = _message_timestamp(_text(fields.get("message-timestamp")), received_at)
    if webhook:
        price_problem, scts_problem = _of_webhook(price_problem), _of_webhook(scts_problem)
    problems = (
        status_problem,
        err_code_problem,
        price_problem,
        scts_problem,
        pushed_problem,
        "times_contradict" if _contradict(scts, pushed) else None,
        "field_unreadable" if _has_nested(fields) else None,
        "text_not_utf8" if has_surrogates(raw) else None,
    )
    return Receipt(
        received_at=received_at,
        message_id=message_id,
        msisdn=_text(fields.get("msisdn")),
        sender=_text(fields.get("to")),
        network_code=_text(fields.get("network-code")),
        status=status,
        err_code=err_code,
        price=price,
        scts=scts,
        scts_raw=scts_raw,
        message_timestamp=pushed,
        api_key=_text(fields.get("api-key")),
        client_ref=_text(fields.get("client-ref")),
        problems=tuple([problem for problem in problems if problem is not None]),
        source=source or ("messages" if webhook else "sms"),
        raw=escape_surrogates(raw),
    )


def _text(value: Value) -> str | None:
    """Text as a typed column holds it; None where there is none."""
    if type(value) is not str:
        value = text_of(value)
    return replace_surrogates(value) if value else None


def _message_id(fields: Parameters) -> Value:
    """The ID as written; None for one that is blank, a list, an object or a truth value."""
    for name in MESSAGE_ID_NAMES:
        value = last(fields.get(name))
        if isinstance(value, str) and value.strip():
            return value
    return None


def _status(text: str | None) -> tuple[str | None, str | None]:
    status = text.strip().lower() if text else ""
    if not status:
        return None, "status_missing"
    return status, None if status in _KNOWN_STATUSES else "status_unrecognised"


def _err_code(text: str | None) -> tuple[int | None, str | None]:
    if text is None or text.isspace():
        return None, None
    code = read_err_code(text)
    return code, "err_code_unreadable" if code is None else None


def _price(text: str | None) -> tuple[Decimal | None, str | None]:
    if text is None or text.isspace():
        return None, "price_missing"
    price = read_price(text)
    if price is None:
        return None, "price_unreadable"
    return price, "price_comma" if "," in text else None


def _scts(text: str | None) -> tuple[datetime | None, str | None]:
    if text is None:
        return None, "scts_missing"
    scts = read_scts(text)
    return scts, "scts_unreadable" if scts is None else None


def _message_timestamp(
    text: str | None, received_at: datetime
) -> tuple[datetime | None, str | None]:
    if text is None or text.isspace():
        return None, "message_timestamp_missing"
    moment = read_time(text)
    if moment is None:
        return None, "message_timestamp_unreadable"
    if moment.year < FIRST_YEAR or moment - received_at > _FUTURE:
        return moment, "message_timestamp_implausible"
    return moment, None


def _of_webhook(problem: str | None) -> str | None:
    """The Messages API has no scts, and no price in a hand-over: nothing is amiss there."""
    return None if problem in ("price_missing", "scts_missing") else problem


def _contradict(scts: datetime | None, pushed: datetime | None) -> bool:
    return scts is not None and pushed is not None and abs(scts - pushed) > _CONTRADICTION


def _has_nested(fields: Parameters) -> bool:
    """Whether a field that has a column holds a list or an object instead of text."""
    return any(
        isinstance(last(fields[name]), list | dict)
        for name in FIELD_NAMES
        if type(fields.get(name, "")) is not str
    )
