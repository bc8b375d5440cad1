"""Reports API exports, of SMS and MESSAGES, as receipts and send records."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from dlr_analytics.importers.fields import (
    MESSAGE_ID_NAMES,
    Fields,
    check_fields,
    currency_of,
    message_id_of,
    price_of,
    quoted,
    text_of,
    time_of,
)
from dlr_analytics.importers.formats import Format, ReadSend, Source
from dlr_analytics.importers.spreadsheets import restore_codes
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.store.sends import Send
from dlr_analytics.vocabulary import status_of
from dlr_analytics.webhook.parameters import Parameters, Value

_OTHER_CHANNELS: Final = ("whatsapp", "messenger", "facebook", "viber", "mms", "rcs", "instagram")

INBOUND: Final = Skipped("inbound messages")

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
"""The text of the message is no part of a receipt and is not stored."""


def is_report(names: Collection[str]) -> bool:
    """Check for the plain names of a record of the Reports API."""
    dated = "datereceived" in names or "datefinalized" in names
    return dated and any(name in names for name in MESSAGE_ID_NAMES)


def matches(source: Source) -> bool:
    """Check for the columns of an export."""
    return is_report(source.table.columns)


def sends(source: Source) -> Iterator[ReadSend]:
    """Read the send record of each row."""
    spelling = dict(zip(source.table.columns, source.table.header, strict=True))
    for row in source.table.rows:
        if isinstance(row, Refused):
            yield row
            continue
        try:
            fields = restore_codes(row.fields, is_sent=True)
            check_fields(fields, spelling)
            yield send_of_row(fields)
        except ValueError as error:
            yield Refused(row.line, str(error))


def send_of_row(row: Fields) -> Send | Skipped:
    """Convert a row to a send record; ``date_received`` is the time of the API call.

    Raises
    ------
    ValueError
        If the row has no message ID or no readable time.

    Examples
    --------
    >>> send = send_of_row({"messageid": "0A", "datereceived": "2020-06-04T12:21:35+0000",
    ...                     "totalprice": "0.0333", "currency": "EUR"})
    >>> send.sent_at, send.source, send.price, send.currency
    (datetime.datetime(2020, 6, 4, 12, 21, 35), 'reports', Decimal('0.03330000'), 'EUR')
    """
    if (skipped := left_out(row)) is not None:
        return skipped
    return Send(
        message_id=message_id_of(row),
        sent_at=time_of(row, "datereceived", "date_received"),
        source="reports",
        msisdn=text_of(row, "to"),
        sender=text_of(row, "from"),
        network_code=text_of(row, "network"),
        price=price_of(row, "totalprice", "estimatedprice"),
        currency=currency_of(row),
        client_ref=text_of(row, "clientref"),
    )


def receipt_parameters(row: Parameters, spelling: Mapping[str, str]) -> Parameters | Skipped:
    """Convert a row to the parameters of a receipt; unknown columns are not renamed.

    ``row`` is by plain name; ``spelling`` has the header's spelling of each name.

    ``date_finalized`` is used as ``message-timestamp``; for a message without a final status
    ``date_received``, when the API accepted it; ValueError without either, since the receipt would
    be dated to the day of the import. The currency is put where the Messages API has it,
    since the analysis reads it there.

    Examples
    --------
    >>> row = {"messageid": "0A", "to": "447700900001", "status": "delivered", "latency": "900",
    ...        "datefinalized": "2020-06-04T12:21:40+0000"}
    >>> receipt_parameters(row, {name: name for name in row})
    {'messageId': '0A', 'msisdn': '447700900001', 'status': 'delivered', 'latency': '900',
     'datefinalized': '2020-06-04T12:21:40+0000', 'message-timestamp': '2020-06-04T12:21:40+0000'}
    """
    if _is_inbound(row):
        return INBOUND
    found: dict[str, Value] = {
        _WIRE_NAMES.get(name, spelling[name]): text for name, text in row.items() if name != _TEXT
    }
    given = text_of(row, "status") or ""
    status = "accepted" if given.lower() == "submitted" else given
    final = status_of(status.lower()).status_class == "final"
    dates = ["datefinalized"] if final else ["datefinalized", "datereceived"]
    time = text_of(row, *dates)
    if time is None and text_of(row, "receivedat") is None:
        name = spelling.get(dates[-1], "date_finalized" if final else "date_received")
        raise ValueError(f"no {name}, so the time of {quoted(given or 'the receipt')} is not known")
    price = text_of(row, "totalprice", "estimatedprice")
    derived = {"status": status or None, "message-timestamp": time, "price": price}
    found |= {name: text for name, text in derived.items() if text is not None}
    currency = found.pop(spelling["currency"], None) if "currency" in row else None
    return found if currency is None else found | {"usage": {"currency": currency}}


def left_out(row: Fields) -> Skipped | None:
    """Say why a row is of no SMS that was sent; None if it is of one.

    Examples
    --------
    >>> left_out({"direction": "inbound"}), left_out({"provider": "sms"})
    (Skipped(kind='inbound messages'), None)
    """
    if _is_inbound(row):
        return INBOUND
    return None if channel_of(row) is None else Skipped("messages of another channel")


def reported_status(row: Fields) -> str | None:
    """Return the status in lower case; ``submitted`` is ``accepted``, as in webhooks."""
    status = (text_of(row, "status") or "").lower()
    return "accepted" if status == "submitted" else status or None


def channel_of(fields: Fields) -> str | None:
    """Name the channel of a record in lower case; None for SMS, and if it has none.

    Exports of MESSAGES have it as ``provider``, the table ``receipts`` as ``channel``.

    Examples
    --------
    >>> channel_of({"provider": "WhatsApp"}), channel_of({"channel": "spring sale"})
    ('whatsapp', None)
    """
    for name in ("channel", "provider"):
        text = text_of(fields, name)
        if text is not None and (channel := text.lower()).startswith(_OTHER_CHANNELS):
            return channel
    return None


def _is_inbound(row: Fields) -> bool:
    return (text_of(row, "direction") or "").lower() == "inbound"


FORMAT: Final = Format("Reports API export", matches, sends=sends)
