"""Send times out of files: submit responses as JSON lines, one's own CSV, Reports API exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.csv_reader import Table, read_table
from dlr_analytics.importers.reports_api import as_send, is_report
from dlr_analytics.importers.submit_responses import MESSAGE_ID_NAMES, read_sends
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import Text, numbered
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.parameters import Malformed, parse_json

Found = Send | Refused | Skipped
T = TypeVar("T")


def sends_in(text: Text) -> Iterator[Found]:
    """What a text says about sendings, line by line.

    Parameters
    ----------
    text : Text
        Its first line says which form it has.

    Raises
    ------
    UnusableFile
        If it is neither JSON lines nor CSV with the columns that are needed.

    Examples
    --------
    >>> lines = ["message_id,sent_at\\n", "0A,2026-11-24 08:00:00\\n", "0B,noon\\n"]
    >>> for found in sends_in(Text("sends.csv", lines[0].strip(), iter(lines))):
    ...     print(found)
    Send(message_id='0A', sent_at=datetime.datetime(2026, 11, 24, 8, 0), ...
    Refused(line=3, reason="sent_at 'noon' is no time; write 2026-11-24T08:00:00Z")
    """
    if not text.first:
        return
    if text.first.startswith("["):
        raise UnusableFile(f"{text.name}: a JSON array", "write one object a line (jq -c '.[]')")
    if text.first.startswith("{"):
        yield from _from_json_lines(text)
    else:
        yield from _from_table(text)


def _from_json_lines(text: Text) -> Iterator[Found]:
    for line in numbered(text):
        if isinstance(line, Refused):
            yield line
            continue
        number, content = line
        record = parse_json(content.lstrip())
        if isinstance(record, Malformed):
            yield Refused(number, record.reason)
        else:
            yield from _read(number, record, read_sends)


def _from_table(text: Text) -> Iterator[Found]:
    table = read_table(text)
    read = _reader(text.name, table)
    for row in table.rows:
        if isinstance(row, Refused):
            yield row
        else:
            yield from _read(row.line, row.fields, read)


def _reader(name: str, table: Table) -> Callable[[Mapping[str, str]], list[Send | Skipped]]:
    if "sentat" in table.columns and any(name in table.columns for name in MESSAGE_ID_NAMES):
        return read_sends
    if is_report(table.columns):
        return lambda row: [as_send(row)]
    header = repr(",".join(table.header)[:200])
    raise UnusableFile(
        f"{name}: neither the columns message_id and sent_at nor a Reports API export's: {header}",
        "name the columns in the first line",
    )


def _read(
    line: int, record: T, read: Callable[[T], list[Send | Skipped]]
) -> list[Send | Skipped] | list[Refused]:
    try:
        return read(record)
    except ValueError as error:
        return [Refused(line, str(error))]
