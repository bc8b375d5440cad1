"""A row of a Reports API export: as a send record, and as the receipt it stands for.

SMS and MESSAGES exports, whatever columns they have: a field is looked up by its plain name, and
what is not there is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from dlr_analytics.importers.submit_responses import (
    MESSAGE_ID_NAMES,
    currency_of,
    message_id,
    moment,
    price_of,
    text_of,
)
from dlr_analytics.importers.tally import Skipped
from dlr_analytics.store.sends import Send
from dlr_analytics.vocabulary import status_of
from dlr_analytics.webhook.parameters import Parameters, Value

_OTHER_CHANNELS: Final = ("whatsapp", "messenger", "facebook", "viber", "mms", "rcs", "instagram")

_WIRE_NAMES: Final = {
    "messageid": "messageId",
    "messageuuid": "messageId",
    "to": "msisdn",
    "from": "to",
    "network": "network-code",
    "status": "status",
    "errorcode": "err-code",
    "accountid": "api-key",
    "clientref": "client-ref",
    "totalprice": "price",
}

_TEXT: Final = "messagebody"
"""What was written to somebody is no part of a receipt, and is not kept."""


def is_report(columns: Collection[str]) -> bool:
    """Whether a CSV with these plain column names is a Reports API export."""
    return "datereceived" in columns and any(name in columns for name in MESSAGE_ID_NAMES)


def as_send(row: Mapping[str, str]) -> Send | Skipped:
    """The sending that a row tells of; ``date_received`` is when the API was called.

    Raises
    ------
    ValueError
        If the row has no message ID or no time that can be read.

    Examples
    --------
    >>> send = as_send({"messageid": "0A", "datereceived": "2020-06-04T12:21:35+0000",
    ...                 "totalprice": "0.0333", "currency": "EUR"})
    >>> send.sent_at, send.source, send.price, send.currency
    (datetime.datetime(2020, 6, 4, 12, 21, 35), 'reports', Decimal('0.03330000'), 'EUR')
    """
    skipped = _not_ours(row)
    if skipped is not None:
        return skipped
    return Send(
        message_id=message_id(row),
        sent_at=moment(row, "datereceived", "date_received"),
        source="reports",
        msisdn=text_of(row, "to"),
        sender=text_of(row, "from"),
        network_code=text_of(row, "network"),
        price=price_of(row, "totalprice", "estimatedprice"),
        currency=currency_of(row),
        client_ref=text_of(row, "clientref"),
    )


def as_receipt(row: Mapping[str, str], written: Mapping[str, str]) -> Parameters | Skipped:
    """The parameters of the receipt that a row stands for, and its other fields as they are.

    ``row`` is by plain name; ``written`` has for each of them the name as the header has it.

    ``date_finalized`` is the nearest to ``message-timestamp`` that an export has; of a message
    without an end it is ``date_received``, when the API accepted it. The currency goes where the
    Messages API has it, and where it is looked for.

    Examples
    --------
    >>> row = {"messageid": "0A", "to": "447700900001", "status": "delivered", "latency": "900",
    ...        "datefinalized": "2020-06-04T12:21:40+0000"}
    >>> as_receipt(row, {name: name for name in row})
    {'messageId': '0A', 'msisdn': '447700900001', 'status': 'delivered', 'latency': '900',
     'datefinalized': '2020-06-04T12:21:40+0000', 'message-timestamp': '2020-06-04T12:21:40+0000'}
    """
    skipped = _not_ours(row)
    if skipped is not None:
        return skipped
    found: dict[str, Value] = {
        _WIRE_NAMES.get(name, written[name]): text for name, text in row.items() if name != _TEXT
    }
    status = "accepted" if row.get("status", "").lower() == "submitted" else row.get("status", "")
    ended = status_of(status.strip().lower()).status_class == "final"
    time = row.get("datefinalized") or (None if ended else row.get("datereceived"))
    price = row.get("totalprice") or row.get("estimatedprice")
    told = {"status": status or None, "message-timestamp": time, "price": price}
    found |= {name: text for name, text in told.items() if text is not None}
    currency = found.pop(written["currency"], None) if "currency" in row else None
    return found if currency is None else found | {"usage": {"currency": currency}}


def _not_ours(row: Mapping[str, str]) -> Skipped | None:
    if row.get("direction", "outbound").strip().lower() == "inbound":
        return Skipped("inbound messages")
    if row.get("provider", "").strip().lower().startswith(_OTHER_CHANNELS):
        return Skipped("messages of another channel")
    return None
