"""Reports API exports: the status and the price that they report of each message.

Only the fields that are compared are read, so a masked, hashed or damaged number spoils no row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.fields import (
    MESSAGE_ID_NAMES,
    Fields,
    by_plain_name,
    check_fields,
    currency_of,
    message_id_of,
    plain_name,
    price_of,
    text_of,
    time_of,
)
from dlr_analytics.importers.formats import Source
from dlr_analytics.importers.json_records import JsonRecord, is_json, json_records
from dlr_analytics.importers.reports_api import is_report, left_out, reported_status
from dlr_analytics.importers.spreadsheets import restore_codes
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text

_FIELDS: Final = frozenset(
    {
        *MESSAGE_ID_NAMES,
        *("accountid", "direction", "channel", "provider", "network", "status"),
        *("datereceived", "datefinalized", "currency", "totalprice", "estimatedprice"),
    }
)
"""Plain names of what is read."""

_NO_REPORT: Final = "no record of the Reports API: neither date_received nor date_finalized"
_REMEDY: Final = "give exports of the Reports API, of SMS or MESSAGES, as CSV or JSON"


@dataclass(frozen=True, slots=True)
class Reported:
    """What an export reports of a message; None is what it does not say.

    ``date_received`` and ``date_finalized`` are naive UTC, ``status`` is in lower case.
    """

    message_id: str
    account_id: str | None
    network_code: str | None
    date_received: dt.datetime | None
    date_finalized: dt.datetime | None
    status: str | None
    currency: str | None
    price: Decimal | None


ReadReported: TypeAlias = Reported | Refused | Skipped


def read_reported(text: Text) -> Iterator[ReadReported]:
    r"""Read what an export reports, row by row.

    Raises
    ------
    UnusableFile
        If it is no export of the Reports API, or is empty; of JSON once it has been read.

    Examples
    --------
    >>> lines = ["message_id,date_received,status\n", "0A,2026-11-24T08:00:00+00:00,Delivered\n"]
    >>> for found in read_reported(Text("export.csv", lines[0].strip(), iter(lines))):
    ...     print(found.message_id, found.status, found.date_received, found.price)
    0A delivered 2026-11-24 08:00:00 None
    """
    if not text.first:
        raise UnusableFile(f"{text.name}: is empty", _REMEDY)
    return _from_json(text) if is_json(text) else _from_table(text)


def _from_table(text: Text) -> Iterator[ReadReported]:
    source = Source(text)
    if not is_report(source.table.columns):
        raise UnusableFile(f"{text.name}: no Reports API export: {source.header}", _REMEDY)
    spelling = dict(zip(source.table.columns, source.table.header, strict=True))
    for row in source.table.rows:
        yield row if isinstance(row, Refused) else _read(row.line, row.fields, spelling)


def _from_json(text: Text) -> Iterator[ReadReported]:
    """Read records; an answer of the API without any is an export too."""
    others = reports = 0
    for found in json_records(text):
        if isinstance(found, JsonRecord) and is_report(list(map(plain_name, found.fields))):
            reports += 1
            yield _read_record(found)
        else:
            others += 1
            yield Refused(found.line, _NO_REPORT) if isinstance(found, JsonRecord) else found
    if others and not reports:
        raise UnusableFile(f"{text.name}: no Reports API export", _REMEDY)


def _read_record(found: JsonRecord) -> ReadReported:
    try:
        fields = by_plain_name(found.fields)
    except ValueError as error:
        return Refused(found.line, str(error))
    return _read(found.line, fields, {plain_name(name): name for name in found.fields})


def _read(line: int, fields: Fields, spelling: Mapping[str, str]) -> ReadReported:
    known = {name: value for name, value in fields.items() if name in _FIELDS}
    try:
        row = restore_codes(known, is_sent=True)
        if (skipped := left_out(row)) is not None:
            return skipped
        check_fields(row, spelling)
        return Reported(
            message_id=message_id_of(row),
            account_id=text_of(row, "accountid"),
            network_code=text_of(row, "network"),
            date_received=_time(row, "datereceived", "date_received"),
            date_finalized=_time(row, "datefinalized", "date_finalized"),
            status=reported_status(row),
            currency=currency_of(row),
            price=price_of(row, "totalprice", "estimatedprice"),
        )
    except ValueError as error:
        return Refused(line, str(error))


def _time(row: Fields, name: str, label: str) -> dt.datetime | None:
    return None if text_of(row, name) is None else time_of(row, name, label)
