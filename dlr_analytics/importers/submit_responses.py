"""JSON of submit responses (answers to send requests) and Reports API records.

A record is a submit response with ``sent_at`` beside or inside it, or one message with ``sent_at``.
Names are accepted in the spelling of every SDK: ``message-id``, ``message_id``, ``messageId``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.importers.fields import (
    MESSAGE_ID_NAMES,
    Fields,
    by_plain_name,
    check_fields,
    count_of,
    currency_of,
    message_id_of,
    plain_name,
    price_of,
    text_of,
    time_of,
)
from dlr_analytics.importers.formats import Format, ReadSend, Source
from dlr_analytics.importers.json_records import JsonRecord, is_json, json_records
from dlr_analytics.importers.reports_api import is_report, send_of_row
from dlr_analytics.importers.spreadsheets import restore_codes
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.parameters import last

_SPELLING: Final = {"messageid": "message_id", "clientref": "client_ref", "sentat": "sent_at"}

NOT_SENT: Final = Skipped("not accepted by the API")


def matches(source: Source) -> bool:
    """Check for JSON."""
    return is_json(source.text)


def sends(source: Source) -> Iterator[ReadSend]:
    """Read the send records of each JSON record."""
    for found in json_records(source.text):
        yield from [found] if isinstance(found, Refused) else _sends_of(found)


def _sends_of(found: JsonRecord) -> list[Send | Skipped] | list[Refused]:
    try:
        fields = _fields(found.fields)
        if is_report(fields.keys()) and "sentat" not in fields:
            check_fields(fields, {plain_name(name): name for name in found.fields})
            return [send_of_row(fields)]
        return sends_of_record(found.fields)
    except ValueError as error:
        return [Refused(found.line, str(error))]


def sends_of_record(record: Mapping[str, object]) -> list[Send | Skipped]:
    """Read the send records of a submit response or of one message.

    Parameters
    ----------
    record : mapping
        A submit response (``messages``, a list with one entry a part) or one message
        (``message_id``), with ``sent_at``; the response may be nested under any name beside
        ``sent_at``.

    Returns
    -------
    list of Send or Skipped
        One a part, with the parts of an SMS linked. A part with a status other than ``0`` is
        skipped: it is no message.

    Raises
    ------
    ValueError
        If an accepted part has no message ID, or if there is no ``sent_at``.

    Examples
    --------
    >>> parts = [{"message-id": "0A", "status": "0"}, {"message-id": "0B", "status": "0"}]
    >>> [
    ...     (send.message_id, send.sms_id, send.part, send.parts)
    ...     for send in sends_of_record({"messages": parts, "sent_at": "2026-11-24T08:00:00Z"})
    ... ]
    [('0A', '0A', 1, 2), ('0B', '0A', 2, 2)]
    >>> sends_of_record({"messages": [{"status": "1", "error-text": "Throttled"}]})
    [Skipped(kind='not accepted by the API')]
    """
    outer = _fields(record)
    response = _response(outer)
    shared = {**outer, **response}
    parts = last(response.get("messages"))  # type: ignore[arg-type]
    if not isinstance(parts, list):
        return [_send(shared) if _was_accepted(response) else NOT_SENT]
    if not parts:
        raise ValueError("no messages in the response")
    entries = [_fields(part) if isinstance(part, Mapping) else {} for part in parts]
    first = next((message_id_of(part) for part in entries if _was_accepted(part)), None)
    link = {"smsid": first, "parts": len(entries)}
    return [
        _send({**shared, **part, **link, "part": n}) if _was_accepted(part) else NOT_SENT
        for n, part in enumerate(entries, start=1)
    ]


def sends_of_records(records: Iterable[Mapping[str, object]]) -> Iterator[Send]:
    """Read the send records of many records, each as :func:`sends_of_record` does.

    Raises
    ------
    UnreadableValue
        At the first unreadable record; names its number, counted from 1.

    Examples
    --------
    >>> import datetime as dt
    >>> records = [{"message_id": "0A", "sent_at": dt.datetime(2026, 11, 24, 8)}]
    >>> next(sends_of_records(records)).sent_at
    datetime.datetime(2026, 11, 24, 8, 0)
    >>> list(sends_of_records([{"message_id": "0A"}]))
    Traceback (most recent call last):
    dlr_analytics.errors.UnreadableValue: record 1: no sent_at; fix it, then record all of them
    """
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            raise UnreadableValue(
                f"record {number}: a {type(record).__name__}, and not a mapping",
                'give one mapping a message, of a data frame df.to_dict("records")',
            )
        try:
            found = sends_of_record(record)
        except ValueError as error:
            raise UnreadableValue(
                f"record {number}: {error}", "fix it, then record all of them"
            ) from None
        yield from (send for send in found if isinstance(send, Send))


def _fields(record: Mapping[str, object]) -> dict[str, object]:
    return by_plain_name(restore_codes(record, is_sent=True))


def _response(record: dict[str, object]) -> dict[str, object]:
    """The response itself: the record, or a member of it."""
    if _is_response(record):
        return record
    members = [_fields(value) for value in record.values() if isinstance(value, Mapping)]
    return next((fields for fields in members if _is_response(fields)), record)


def _is_response(fields: Fields) -> bool:
    return not fields.keys().isdisjoint(("messages", *MESSAGE_ID_NAMES))


def _was_accepted(part: Fields) -> bool:
    """Check for the numeric status 0, or a status that is no number: from another log."""
    status = text_of(part, "status")
    return status is None or not status.isdecimal() or int(status) == 0


def _send(fields: Fields) -> Send:
    check_fields(
        fields, {"messageid": "message_id", "clientref": "client_ref", "sentat": "sent_at"}
    )
    return Send(
        message_id=message_id_of(fields),
        sent_at=time_of(fields, "sentat", "sent_at"),
        source="sends",
        msisdn=text_of(fields, "to", "msisdn"),
        sender=text_of(fields, "from", "sender"),
        network_code=text_of(fields, "network", "networkcode"),
        price=price_of(fields, "messageprice", "price"),
        currency=currency_of(fields),
        client_ref=text_of(fields, "clientref"),
        sms_id=text_of(fields, "smsid"),
        part=count_of(fields, "part"),
        parts=count_of(fields, "parts"),
    )


FORMAT: Final = Format("submit responses", matches, sends=sends)
