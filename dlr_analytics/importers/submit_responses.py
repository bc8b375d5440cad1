"""What the API answered to a sending, and when: from a record to the messages that were sent.

A record is a submit response with its ``sent_at`` beside, or inside, or a line of one's own log.
Names are read in every SDK's spelling: ``message-id``, ``message_id`` and ``messageId`` are one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.importers.csv_reader import plain
from dlr_analytics.importers.tally import Skipped
from dlr_analytics.store.sends import Send
from dlr_analytics.vocabulary import FIRST_YEAR
from dlr_analytics.webhook.fields import read_price, read_time
from dlr_analytics.webhook.parameters import last

_EPOCH: Final = re.compile(r"(\d{10})(\d{3}|\.\d+)?", re.ASCII)

MESSAGE_ID_NAMES: Final = ("messageid", "messageuuid")
"""Plain names of the message ID, of the SMS and of the Messages API."""

NOT_SENT: Final = Skipped("not accepted by the API")

Fields = Mapping[str, object]


def read_sends(record: Mapping[str, object]) -> list[Send | Skipped]:
    """The messages that a record tells of.

    Parameters
    ----------
    record : mapping
        A submit response (``messages``, a list with an entry a part) or one message
        (``message_id``), with ``sent_at``; the response may also stand under a name of its own
        beside ``sent_at``.

    Returns
    -------
    list of Send or Skipped
        One a part, parts of one SMS linked; a part whose status is not ``0`` is no message.

    Raises
    ------
    ValueError
        If an accepted part has no message ID or there is no ``sent_at``; says which.

    Examples
    --------
    >>> parts = [{"message-id": "0A", "status": "0"}, {"message-id": "0B", "status": "0"}]
    >>> [
    ...     (send.message_id, send.sms_id, send.part, send.parts)
    ...     for send in read_sends({"messages": parts, "sent_at": "2026-11-24T08:00:00Z"})
    ... ]
    [('0A', '0A', 1, 2), ('0B', '0A', 2, 2)]
    >>> read_sends({"messages": [{"status": "1", "error-text": "Throttled"}]})
    [Skipped(kind='not accepted by the API')]
    """
    around = _plainly(record)
    response = _response(around)
    beside = {**around, **response}
    parts = last(response.get("messages"))  # type: ignore[arg-type]
    if not isinstance(parts, list):
        return [_send(beside) if _was_accepted(response) else NOT_SENT]
    if not parts:
        raise ValueError("no messages in the response")
    entries = [_plainly(part) if isinstance(part, Mapping) else {} for part in parts]
    first = next((message_id(part) for part in entries if _was_accepted(part)), None)
    link = {"smsid": first, "parts": len(entries)}
    return [
        _send({**beside, **part, **link, "part": n}) if _was_accepted(part) else NOT_SENT
        for n, part in enumerate(entries, start=1)
    ]


def sends_of(records: Iterable[Mapping[str, object]]) -> Iterator[Send]:
    """The messages that one's own records tell of, each as :func:`read_sends` reads it.

    Raises
    ------
    UnreadableValue
        At the first record that cannot be read; says which, counted from 1.

    Examples
    --------
    >>> next(sends_of([{"message_id": "0A", "sent_at": dt.datetime(2026, 11, 24, 8)}])).sent_at
    datetime.datetime(2026, 11, 24, 8, 0)
    >>> list(sends_of([{"message_id": "0A"}]))
    Traceback (most recent call last):
    dlr_analytics.errors.UnreadableValue: record 1: no sent_at; fix it, then record all of them
    """
    for number, record in enumerate(records, start=1):
        try:
            found = read_sends(record)
        except ValueError as error:
            raise UnreadableValue(
                f"record {number}: {error}", "fix it, then record all of them"
            ) from None
        yield from (send for send in found if isinstance(send, Send))


def message_id(fields: Fields) -> str:
    """The message's ID, of the SMS or the Messages API; ValueError where there is none."""
    found = text_of(fields, *MESSAGE_ID_NAMES)
    if found is None:
        raise ValueError("no message ID")
    return found


def text_of(fields: Fields, *names: str) -> str | None:
    """The first of the fields that says anything, as text; ``fields`` are by plain name."""
    for name in names:
        value = last(fields.get(name))  # type: ignore[arg-type]
        text = "" if value is None or isinstance(value, Mapping | list) else str(value).strip()
        if text:
            return text
    return None


def price_of(fields: Fields, *names: str) -> Decimal | None:
    """The first of the prices that is there; None where it cannot be read."""
    text = text_of(fields, *names)
    return None if text is None else read_price(text)


def currency_of(fields: Fields) -> str | None:
    """What the price is in, in capitals: ``eur`` and ``EUR`` are one currency."""
    text = text_of(fields, "currency")
    return None if text is None else text.upper()


def moment(fields: Fields, name: str, shown: str) -> dt.datetime:
    """A time as naive UTC: ISO 8601, without a zone UTC, or seconds or milliseconds since 1970.

    Raises
    ------
    ValueError
        If it is missing, unreadable or before 2000; ``shown`` is what it is called then.

    Examples
    --------
    >>> moment({"sentat": "2026-11-24 10:00:00+02:00"}, "sentat", "sent_at")
    datetime.datetime(2026, 11, 24, 8, 0)
    >>> moment({"sentat": 1795507200.5}, "sentat", "sent_at")
    datetime.datetime(2026, 11, 24, 8, 0, 0, 500000)
    """
    value = fields.get(name)
    text = text_of(fields, name)
    if text is None:
        raise ValueError(f"no {shown}")
    time = _naive(value) if isinstance(value, dt.datetime) else _written(text)
    if time is None:
        raise ValueError(f"{shown} {text[:40]!r} is no time; write 2026-11-24T08:00:00Z")
    if time.year < FIRST_YEAR:
        raise ValueError(f"{shown} {text[:40]!r} is before {FIRST_YEAR}")
    return time


def _written(text: str) -> dt.datetime | None:
    if (time := read_time(text) or _since_1970(text)) is not None:
        return time
    try:
        return _naive(dt.datetime.fromisoformat(text))
    except (OverflowError, ValueError):
        return None


def _plainly(record: Mapping[str, object]) -> dict[str, object]:
    return {plain(name): value for name, value in record.items()}


def _response(around: dict[str, object]) -> dict[str, object]:
    """The response itself: the record, or what stands in it under a name of its own."""
    if _is_response(around):
        return around
    inside = [_plainly(value) for value in around.values() if isinstance(value, Mapping)]
    return next((fields for fields in inside if _is_response(fields)), around)


def _is_response(fields: Fields) -> bool:
    return not fields.keys().isdisjoint(("messages", *MESSAGE_ID_NAMES))


def _was_accepted(part: Fields) -> bool:
    """Whether its status, a number, says so; any other word is from a log of one's own."""
    status = text_of(part, "status")
    return status is None or not status.isdecimal() or int(status) == 0


def _send(fields: Fields) -> Send:
    return Send(
        message_id=message_id(fields),
        sent_at=moment(fields, "sentat", "sent_at"),
        source="sends",
        msisdn=text_of(fields, "to", "msisdn"),
        sender=text_of(fields, "from", "sender"),
        network_code=text_of(fields, "network", "networkcode"),
        price=price_of(fields, "messageprice", "price"),
        currency=currency_of(fields),
        client_ref=text_of(fields, "clientref"),
        sms_id=text_of(fields, "smsid"),
        part=_count(fields, "part"),
        parts=_count(fields, "parts"),
    )


def _count(fields: Fields, name: str) -> int | None:
    text = text_of(fields, name)
    return int(text) if text is not None and re.fullmatch("[0-9]{1,4}", text) else None


def _naive(time: dt.datetime) -> dt.datetime:
    return time if time.tzinfo is None else time.astimezone(dt.UTC).replace(tzinfo=None)


def _since_1970(text: str) -> dt.datetime | None:
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    fraction = match[2] or ""
    seconds = Decimal(match[1]) + Decimal(f"0.{fraction.lstrip('.') or 0}")
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(seconds * 1_000_000))
