"""Reports API exports: the status and the price that they report of each message.

Only the fields that are compared are read, so a masked, hashed or damaged number spoils no row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias, cast

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
    time_or_none,
)
from dlr_analytics.importers.formats import Source
from dlr_analytics.importers.json_records import JsonRecord, is_json, json_records
from dlr_analytics.importers.reports_api import is_report, left_out, reported_status
from dlr_analytics.importers.spreadsheets import restore_codes
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text

_SHARED: Final = (
    "accountid",
    "direction",
    "channel",
    "provider",
    "network",
    "status",
    "currency",
)
"""Plain names of what many rows have in common."""

_DATES: Final = ("datereceived", "datefinalized")
_PRICES: Final = ("totalprice", "estimatedprice")
_TEXTS: Final = (*_SHARED, *_DATES)
_FIELDS: Final = frozenset({*MESSAGE_ID_NAMES, *_TEXTS, *_PRICES})
"""Plain names of what is read."""

_USUAL_ID: Final = re.compile("[0-9A-Za-z-]+")
_TEXT_OR_NONE: Final = frozenset({str, type(None)})

_NO_REPORT: Final = (
    "no record of the Reports API: it needs message_id or message_uuid, and date_received or "
    "date_finalized"
)
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
    return _read_usual(fields) or _read_row(line, fields, spelling)


def _read_usual(fields: Fields) -> Reported | Skipped | None:
    """Read a row that is as the API writes it; None for any other.

    None for a row to refuse, too. This takes half the time of :func:`_read_row`, which gives the
    same: rows have few combinations of account, network, status and currency, each is read once.
    """
    ids = [fields[name] for name in MESSAGE_ID_NAMES if name in fields]
    message_id = ids[0] if len(ids) == 1 else None
    if type(message_id) is not str or _USUAL_ID.fullmatch(message_id) is None:
        return None
    values = tuple(map(fields.get, _TEXTS))
    if not _TEXT_OR_NONE.issuperset(map(type, values)):
        return None
    found = _read_shared(cast("tuple[str | None, ...]", values[: len(_SHARED)]))
    if not isinstance(found, Reported):
        return None if isinstance(found, Refused) else found
    try:
        received = time_or_none(fields, "datereceived", "")
        finalized = time_or_none(fields, "datefinalized", "")
    except ValueError:
        return None
    price = price_of(fields, *_PRICES)
    return Reported(
        *(message_id, found.account_id, found.network_code, received, finalized),
        *(found.status, found.currency, price),
    )


@lru_cache(maxsize=1_000)
def _read_shared(values: tuple[str | None, ...]) -> ReadReported:
    fields = {name: value for name, value in zip(_SHARED, values, strict=True) if value is not None}
    return _read_row(0, {"messageid": "0", **fields}, {})


def _read_row(line: int, fields: Fields, spelling: Mapping[str, str]) -> ReadReported:
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
            date_received=time_or_none(row, "datereceived", "date_received"),
            date_finalized=time_or_none(row, "datefinalized", "date_finalized"),
            status=reported_status(row),
            currency=currency_of(row),
            price=price_of(row, *_PRICES),
        )
    except ValueError as error:
        return Refused(line, str(error))
