"""Data directories with a number planted in every field, spelling, encoding and kind of file."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.sends import Send, record_sends
from tests.erasure.worlds import OLD, YOUNG, line, one
from tests.support.data_directories import receive, store

NUMBER = "447700900123"
LONGER = "4477009001234"
SPELLINGS = [
    NUMBER,
    "+44 7700 900123",
    "0044 (0) 7700-900123",
    "%2B44%207700%20900123",
    "%2534%2534%2537700900123".replace("%2537", "%37"),
    r"\u0034\u00347700900123",
    r"\\u0034\\u00347700900123",
    "\u0664\u0664\u0667\u0667\u0660\u0660\u0669\u0660\u0660\u0661\u0662\u0663",
]
HALF = b"PAR1 and then it was killed"
FIELDS = ["network_code", "status", "scts_raw", "api_key", "client_ref", "raw"]


def raw(spelling: str) -> str:
    """JSON with the number as text, as a bare number, in a name and in JSON within a text."""
    inner = json.dumps({"deep": spelling, "longer": LONGER})
    values = [spelling, int(NUMBER), inner, LONGER]
    return json.dumps({"messageId": "x", f"to {spelling}": values, "rest": "Caf\u00e9"})


def plant(data: Path) -> Path:
    """Messages to the number, and others that mention it everywhere."""
    Writer(data).probe()
    to_it = [one(f"to-{n}", OLD, msisdn=s) for n, s in enumerate(SPELLINGS)]
    others = [
        one(f"{field}-{n}", OLD, **{field: raw(s) if field == "raw" else f"x {s}!"})
        for field in FIELDS
        for n, s in enumerate(SPELLINGS)
    ]
    receive(data, [*to_it, *others, one("longer", OLD, client_ref=LONGER)])
    receive(data, [one("TO-1", YOUNG, msisdn=None), one("young", YOUNG, raw=raw(NUMBER))])
    record_sends(
        data,
        [
            Send("to-1", OLD, msisdn=NUMBER),
            Send("sent", OLD, msisdn=SPELLINGS[1]),
            Send("young", YOUNG, client_ref=f"for {SPELLINGS[2]}", sms_id=NUMBER),
        ],
    )
    receive(data, [one("sent", YOUNG, msisdn=None)])
    theirs(layout.receipts(data) / "received_date=2026-10-01" / "theirs.parquet")
    store(data, one("unsealed", YOUNG, client_ref=SPELLINGS[3]), one("to-2", YOUNG, msisdn=NUMBER))
    lines = [line(OLD, json.dumps({"body": f"x {s}"})) for s in [*SPELLINGS, "07700 900123"]]
    write_quarantine(data, [*lines, b"damaged %s\n" % NUMBER.encode(), line(OLD, LONGER)])
    leftovers(data)
    return data


def theirs(path: Path) -> None:
    """A file of another program, with columns of its own, uncompressed."""
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'their' as message_id, timestamp '2026-10-01 10:00:00' as received_at,"
            f" 'note {NUMBER}' as note, {NUMBER}::bigint as whole, {NUMBER}::double as real,"
            f" ['+44 7700 900123', 'b'] as list, {{'a': '{NUMBER}', 'b': 1}} as struct,"
            f" '{NUMBER}'::blob as bytes, '{LONGER}' as longer, 7 as stays)"
            f" to '{path}' (format parquet, compression uncompressed)"
        )


def write_quarantine(data: Path, lines: Iterable[bytes]) -> None:
    """A closed quarantine file."""
    writer = Writer(data)
    writer.write([Entry(None, each) for each in lines])
    writer.release()


def leftovers(data: Path) -> None:
    """What killed runs leave in the staging folder."""
    staging = layout.staging(data)
    (staging / "2026-10-01.0123456789abcdef-000001.jsonl.good").write_text(NUMBER)
    (staging / "2026-10-01.0123456789abcdef-000002.jsonl.parquet").write_bytes(HALF)
    (staging / "whatever").write_text(f"+{NUMBER}")
    for folder in ("incoming-x", "messages/new", "dlr-spill-dead"):
        (staging / folder).mkdir(parents=True)
        (staging / folder / "file").write_text(NUMBER)


def plain(text: str) -> Iterator[str]:
    """A text as it is, and with one level of encoding after another undone: an oracle."""
    for _ in range(6):
        yield "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
        text = unquote(re.sub(r"\\+u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text))


def mentions(text: str, *, national: bool = False) -> bool:
    """Whether a text has the number: digits in a row once spaces and the like are left out."""
    wanted = "(?:00)?44(?:0)?7700900123" + ("|0?7700900123" if national else "")
    for level in plain(text):
        for run_ in re.findall(r"[0-9][0-9 ()+./_-]*", level):
            if re.fullmatch(wanted, re.sub(r"[^0-9]", "", run_.replace("(0)", ""))):
                return True
    return False


def values(path: Path) -> Iterator[str]:
    """All values of a file as text, decoded."""
    if path.read_bytes() == HALF:
        return
    if path.suffix in layout.PARQUET_SUFFIXES:
        with duckdb.connect() as connection:
            source = f"read_parquet('{path}', hive_partitioning = false)"
            for row in connection.execute(f"select * from {source}").fetchall():
                yield from (str(value) for value in row)
    else:
        yield from path.read_text(encoding="utf-8", errors="replace").splitlines()


def holding(data: Path) -> list[str]:
    """Every file that has the number, in its values or in its bytes: the bytes test."""
    found = []
    own = {str(path) for path in layout.staging(data).glob("dlr-spill-*")}
    for path in sorted(data.rglob("*")):
        if path.is_file() and str(path.parent.parent) not in own:
            raw = re.search(rb"(?<!\d)447700900123(?!\d)", path.read_bytes())
            is_line = path.parent.name == "quarantine"
            if raw or any(mentions(text, national=is_line) for text in values(path)):
                found.append(str(path.relative_to(data)))
    return found
