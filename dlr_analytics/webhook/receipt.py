"""Typed receipts from the parameters of a request. No content makes it raise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from dlr_analytics.vocabulary import (
    ALIASES,
    CONTRADICTION_HOURS,
    FIRST_YEAR,
    FUTURE_HOURS,
    STATUSES,
)
from dlr_analytics.webhook.credentials import without_credentials
from dlr_analytics.webhook.encoding import escape_surrogates, has_surrogates, replace_surrogates
from dlr_analytics.webhook.fields import read_err_code, read_price, read_scts, read_time
from dlr_analytics.webhook.messages_api import SMS, as_sms, channel_of, is_status_webhook
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
    "channel": "VARCHAR",
    "raw": "VARCHAR",
}
"""Columns of ``receipts`` and their SQL types, in order."""

ADDED_COLUMNS: Final = frozenset({"channel"})
"""Columns that files of earlier releases do not have: NULL there."""

MESSAGE_ID_NAMES: Final = ("messageId", "message-id", "message_id")
"""Names of the message ID: in receipts, in submit responses, in the Reports API."""

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
"""Fields of a receipt that have a column of their own, besides the message ID."""

_KNOWN_STATUSES: Final = frozenset(s.status for s in STATUSES) | {a.alias for a in ALIASES}
_CONTRADICTION: Final = timedelta(hours=CONTRADICTION_HOURS)
_FUTURE: Final = timedelta(hours=FUTURE_HOURS)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery receipt, typed as the columns of ``receipts``.

    Times are naive UTC, except ``scts``, which is in the carrier's unknown time zone. ``channel``
    is ``sms`` of every receipt of the SMS API, else as the Messages API says, in lower case.
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
    channel: str
    raw: str


def read_receipt(
    parameters: Parameters,
    received_at: datetime,
    source: str | None = None,
    raw: Parameters | None = None,
) -> Receipt | None:
    """Convert parameters to a typed receipt.

    Parameters
    ----------
    parameters : mapping
        Of an SMS receipt or a Messages API status webhook, as parsed by
        :mod:`dlr_analytics.webhook.parameters`.
    received_at : datetime
        Naive UTC; reference for implausible times in the receipt.
    source : str, optional
        By default ``sms`` or ``messages``, by the kind of the parameters.
    raw : mapping, optional
        All parameters of the request, to store as ``raw`` without its credentials, if a signature
        covers only a part of them.

    Returns
    -------
    Receipt or None
        None without a message ID. An unreadable field is None, its text stays in ``raw``, and
        ``problems`` names it.

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
    stored = without_credentials(parameters, webhook=webhook)
    raw_text = to_json(stored if raw is None else without_credentials(raw, webhook=webhook))
    typed = _typed(fields, received_at, webhook=webhook)
    problems = (
        *typed.problems,
        "times_contradict" if _contradict(typed.scts, typed.message_timestamp) else None,
        "field_unreadable" if _has_nested(fields) else None,
        # Of the parameters alone: what a signature does not cover must not change a receipt.
        "text_not_utf8" if has_surrogates(raw_text if raw is None else to_json(stored)) else None,
    )
    return Receipt(
        received_at=received_at,
        message_id=message_id,
        msisdn=_text(fields.get("msisdn")),
        sender=_text(fields.get("to")),
        network_code=_text(fields.get("network-code")),
        status=typed.status,
        err_code=typed.err_code,
        price=typed.price,
        scts=typed.scts,
        scts_raw=_text(fields.get("scts")),
        message_timestamp=typed.message_timestamp,
        api_key=_text(fields.get("api-key")),
        client_ref=_text(fields.get("client-ref")),
        problems=tuple([problem for problem in problems if problem is not None]),
        source=source or ("messages" if webhook else "sms"),
        channel=channel_of(parameters) if webhook else SMS,
        raw=escape_surrogates(raw_text),
    )


class _Typed(NamedTuple):
    """The fields with a type of their own, and the problems of each."""

    status: str | None
    err_code: int | None
    price: Decimal | None
    scts: datetime | None
    message_timestamp: datetime | None
    problems: tuple[str | None, ...]


def _typed(fields: Parameters, received_at: datetime, *, webhook: bool) -> _Typed:
    """Parse the fields with a type; a webhook may lack some without a problem."""
    status, status_problem = _status(_text(fields.get("status")))
    err_code, err_code_problem = _err_code(_text(fields.get("err-code")))
    price, price_problem = _price(_text(fields.get("price")))
    scts, scts_problem = _scts(_text(fields.get("scts")))
    message_timestamp, timestamp_problem = _message_timestamp(
        _text(fields.get("message-timestamp")), received_at
    )
    if webhook:
        price_problem = _webhook_problem(price_problem)
        scts_problem = _webhook_problem(scts_problem)
    problems = (status_problem, err_code_problem, price_problem, scts_problem, timestamp_problem)
    return _Typed(status, err_code, price, scts, message_timestamp, problems)


def _text(value: Value) -> str | None:
    """Text for a typed column; None if there is none."""
    if type(value) is not str:
        value = text_of(value)
    return replace_surrogates(value) if value else None


def _message_id(fields: Parameters) -> Value:
    """The ID as written; None if it is blank, a list, an object or a boolean."""
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
    time = read_time(text)
    if time is None:
        return None, "message_timestamp_unreadable"
    if time.year < FIRST_YEAR or time - received_at > _FUTURE:
        return time, "message_timestamp_implausible"
    return time, None


def _webhook_problem(problem: str | None) -> str | None:
    """Drop the problems of fields that the Messages API may leave out."""
    return None if problem in ("price_missing", "scts_missing") else problem


def _contradict(scts: datetime | None, message_timestamp: datetime | None) -> bool:
    if scts is None or message_timestamp is None:
        return False
    return abs(scts - message_timestamp) > _CONTRADICTION


def _has_nested(fields: Parameters) -> bool:
    """Check whether a field with a column holds a list or an object instead of text."""
    return any(
        isinstance(last(fields[name]), list | dict)
        for name in FIELD_NAMES
        if type(fields.get(name, "")) is not str
    )
