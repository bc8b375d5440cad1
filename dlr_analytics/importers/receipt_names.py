"""Names of receipt fields in any spelling, converted to those of the wire.

CSV rows and JSON records are read by the same rules. A name on the wire is left as it is, so that a
logged webhook body is read as the receiver reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from dlr_analytics.importers.fields import (
    Fields,
    check_fields,
    check_names,
    plain_name,
    text_of,
    time_of,
)
from dlr_analytics.importers.reports_api import is_report, receipt_parameters
from dlr_analytics.importers.spreadsheets import restore_codes
from dlr_analytics.importers.tally import Skipped
from dlr_analytics.webhook.fields import read_time
from dlr_analytics.webhook.parameters import Parameters, Value
from dlr_analytics.webhook.receipt import MESSAGE_ID_NAMES

_SMS_NAMES: Final = {
    "messageid": "messageId",
    "msisdn": "msisdn",
    "sender": "to",
    "to": "to",
    "networkcode": "network-code",
    "price": "price",
    "status": "status",
    "errcode": "err-code",
    "scts": "scts",
    "sctsraw": "scts",
    "messagetimestamp": "message-timestamp",
    "apikey": "api-key",
    "clientref": "client-ref",
}
"""Parameters of an SMS receipt by plain name: of the wire, and of the columns of ``receipts``."""

_WEBHOOK_NAMES: Final = {
    "messageuuid": "message_uuid",
    "to": "to",
    "from": "from",
    "timestamp": "timestamp",
    "status": "status",
    "clientref": "client_ref",
    "apikey": "api_key",
    "channel": "channel",
    "destination": "destination",
    "usage": "usage",
    "error": "error",
}
"""Parameters of a Messages API status webhook by plain name."""

_NESTED: Final = {
    "networkcode": ("destination", "network_code"),
    "price": ("usage", "price"),
    "currency": ("usage", "currency"),
    "errcode": ("error", "code"),
}
"""Where a webhook has what a flat record of it has at the top, by plain name."""


def wire_parameters(record: Parameters, *, report: bool) -> Parameters | Skipped:
    """Convert a record to the parameters of a receipt; unknown names stay as they are.

    Parameters
    ----------
    record : mapping
        Values by name, as the file spells it.
    report : bool
        Whether the record is one of the Reports API.

    Raises
    ------
    ValueError
        If a time is unreadable, an ID has become a number, two names mean one field, or the record
        has a send time and no status.

    Examples
    --------
    >>> wire_parameters({"messageId": "0A", "errCode": "0", "Our Shop": "north"}, report=False)
    {'messageId': '0A', 'err-code': '0', 'Our Shop': 'north'}
    """
    record = restore_codes(record, is_sent=report)
    spelling: dict[str, str] = {}
    for name in record:
        if report:
            check_names(spelling, name)
        spelling.setdefault(plain_name(name), name)
    row = {
        plain: record[name] for plain, name in spelling.items() if record[name] not in ("", None)
    }
    has_body = (text_of(row, "raw") or "").startswith("{")
    if not report and is_send(row.keys() if has_body else row.keys() - {"raw"}):
        raise ValueError("a send time without a status; use dlr sends")
    webhook = "messageuuid" in row and "messageid" not in row
    check_fields(row, spelling, *(("timestamp",) if webhook else ()))
    if report:
        converted = receipt_parameters(row, spelling)
        return converted if isinstance(converted, Skipped) else _with_seconds(converted)
    names = _WEBHOOK_NAMES if webhook else _names(row)
    superseded = spelling["scts"] if "sctsraw" in row and "scts" in row else None
    found = _renamed({n: v for n, v in record.items() if n != superseded}, names)
    return _with_seconds(_nested(found) if webhook else found)


def is_report_record(record: Parameters) -> bool:
    """Check whether a record has the names of the Reports API."""
    return is_report({plain_name(name) for name in record})


def is_send(names: Set[str]) -> bool:
    """Whether names are of a send time, and neither of a status nor of a raw body.

    As a receipt it would have arrived just now, and be the newest of its message.

    Examples
    --------
    >>> is_send({"messageid", "sentat"}), is_send({"messageid", "sentat", "status"})
    (True, False)
    """
    return "sentat" in names and names.isdisjoint({"status", "raw"})


def _names(row: Fields) -> Mapping[str, str]:
    if "messageid" in row and "msisdn" not in row and not {"from", "sender"}.isdisjoint(row):
        # In a file with both `from` and `to`, `to` is the recipient, unlike on the wire.
        return _SMS_NAMES | {"from": "to", "to": "msisdn"}
    return _SMS_NAMES


def _renamed(record: Parameters, names: Mapping[str, str]) -> dict[str, Value]:
    targets = {
        name: name if name in MESSAGE_ID_NAMES else names.get(plain_name(name), name)
        for name in record
    }
    on_the_wire = {name for name, target in targets.items() if name == target}
    found: dict[str, Value] = {}
    for name, value in record.items():
        target = targets[name]
        if target != name and target in on_the_wire:
            target = name
        if target in found:
            raise ValueError(f"{name!r} and another name mean the same field; remove one")
        found[target] = value
    return found


def _nested(webhook: dict[str, Value]) -> dict[str, Value]:
    """Put the fields of flat and nested records where a webhook has them."""
    found: dict[str, Value] = {}
    for name, value in webhook.items():
        outer, inner = _NESTED.get(plain_name(name), ("", ""))
        if isinstance(value, Mapping):
            names = {plain: known for plain, (place, known) in _NESTED.items() if place == name}
            found[name] = _renamed(value, names)
        elif outer and isinstance(found.setdefault(outer, webhook.get(outer, {})), dict):
            found[outer] = {inner: value} | found[outer]  # type: ignore[operator]
        else:
            found[name] = value
    return found


def _with_seconds(parameters: Parameters) -> Parameters:
    """Write a day or a minute, which is a time in a file, as the wire does."""
    name = "timestamp" if "message_uuid" in parameters else "message-timestamp"
    text = text_of(parameters, name)
    if text is None or read_time(text) is not None:
        return parameters
    return {**parameters, name: time_of(parameters, name, name).isoformat()}
