"""Receipts as lines: nothing is lost on the way into DuckDB, no damage goes unnoticed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from operator import attrgetter
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.store.journal.codec import Scan, checksummed_line, encode, is_intact, scan
from dlr_analytics.store.sql import from_lines
from dlr_analytics.webhook.receipt import COLUMNS, Receipt

TEXTS = st.text(st.characters(), max_size=20)
"""All characters, lone surrogates and control characters too."""

TIMES = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))
RECEIPTS = st.builds(
    Receipt,
    received_at=TIMES,
    message_id=TEXTS,
    msisdn=st.none() | TEXTS,
    sender=st.none() | TEXTS,
    network_code=st.none() | TEXTS,
    status=st.none() | TEXTS,
    err_code=st.none() | st.integers(-(2**15), 2**15 - 1),
    price=st.none() | st.decimals("-9999999999", "9999999999", places=8),
    scts=st.none() | TIMES,
    scts_raw=st.none() | TEXTS,
    message_timestamp=st.none() | TIMES,
    api_key=st.none() | TEXTS,
    client_ref=st.none() | TEXTS,
    problems=st.lists(st.sampled_from(["price_comma", "scts_missing"])).map(tuple),
    source=st.sampled_from(["sms", "messages", "import"]),
    raw=TEXTS,
)


def as_stored(value: object) -> object:
    """What is read back: lists for tuples, and U+FFFD for what UTF-8 cannot say."""
    if isinstance(value, str):
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in value)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.thorough
@settings(max_examples=50, deadline=None)
@given(st.lists(RECEIPTS, min_size=1, max_size=20))
def test_duckdb_reads_every_receipt_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, receipts: list[Receipt]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "lines.jsonl"
    path.write_bytes(b"".join(map(encode, receipts)))
    with duckdb.connect() as connection:
        rows = connection.execute(f"from {from_lines([path])}").fetchall()
    values = attrgetter(*COLUMNS)
    assert rows == [tuple(map(as_stored, values(receipt))) for receipt in receipts]


def test_a_line_is_one_line_whatever_it_holds() -> None:
    line = checksummed_line({"raw": "a\nb\r\n\x85\u2028\x00"})
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


def test_a_price_is_encoded_with_eight_places_and_no_exponent() -> None:
    assert b'"price":"0.00000001"' in checksummed_line({"price": Decimal("1E-8")})


def test_every_flipped_bit_is_noticed() -> None:
    line = checksummed_line({"message_id": "0A00", "price": Decimal("0.03330000")})
    for bit in range(len(line) * 8):
        flipped = bytearray(line)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not is_intact(bytes(flipped)), bit


def test_a_line_torn_off_anywhere_is_skipped_and_not_called_damaged() -> None:
    line = checksummed_line({"message_id": "0A00"})
    for length in range(len(line)):
        torn = line[:length]
        assert scan((line + torn).splitlines(keepends=True)) == Scan(1, (), torn)


def test_damaged_lines_are_reported_by_number_and_the_others_count() -> None:
    line = checksummed_line({"message_id": "0A00"})
    assert scan([line, b"}\n", line, line[1:]]) == Scan(2, ((2, b"}\n"), (4, line[1:])), b"")


def test_an_empty_file_holds_nothing() -> None:
    assert scan([]) == Scan(0, (), b"")


def test_what_has_no_place_in_a_line_is_a_fault_of_ours(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="PosixPath"):
        checksummed_line({"raw": tmp_path})
