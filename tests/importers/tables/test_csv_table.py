"""CSV is read by column names, and invalid rows are refused alone."""

from __future__ import annotations

import io

import pytest

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.tables.csv_table import Row, Table, read_table
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import Text


def table(content: str) -> Table:
    first = next((line.strip() for line in content.splitlines() if line.strip()), "")
    return read_table(Text("given.csv", first, io.StringIO(content, newline="")))


@pytest.mark.parametrize(
    "content",
    [
        "message_id,sent_at\n0A,now\n",
        "message_id;sent_at\r\n0A;now\r\n",
        "message_id\tsent_at\n0A\tnow",
        '"message_id","sent_at"\n"0A","now"\n',
        "Message-ID,sentAt\n\n0A,now\n\n",
        "\n\nMESSAGE ID,Sent At\n0A,now\n",
    ],
)
def test_delimiters_quotes_and_spellings(content: str) -> None:
    found = table(content)
    assert found.columns == ("messageid", "sentat")
    assert [row.fields for row in found.rows if isinstance(row, Row)] == [
        {"messageid": "0A", "sentat": "now"}
    ]


def test_empty_fields_are_left_out_and_lines_counted() -> None:
    rows = list(table('a,b,c\n1,,"x\ny"\n,,\n,"",3\n').rows)
    assert rows == [Row(2, {"a": "1", "c": "x\ny"}), Row(4, {}), Row(5, {"c": "3"})]


def test_a_row_of_another_length_is_refused() -> None:
    rows = list(table("a,b\n1\n1,2\n1,2,3\n").rows)
    assert rows == [
        Refused(2, "1 fields where the header has 2"),
        Row(3, {"a": "1", "b": "2"}),
        Refused(4, "3 fields where the header has 2"),
    ]


def test_nul_bytes_cost_one_row() -> None:
    rows = list(table("a,b\n1,\0\n\0\0\n3,4\n").rows)
    assert rows == [
        Refused(2, "holds NUL bytes"),
        Refused(3, "holds NUL bytes"),
        Row(4, {"a": "3", "b": "4"}),
    ]


def test_a_quote_in_the_wrong_place_costs_one_row() -> None:
    rows = list(table('a,b\n"1"x,2\n3,4\n').rows)
    assert isinstance(rows[0], Refused)
    assert rows[0].line == 2
    assert rows[1:] == [Row(3, {"a": "3", "b": "4"})]


def test_a_quote_that_is_never_closed_says_how_far_it_went() -> None:
    (row,) = table('a,b\n"1,2\n3,4\n').rows
    assert row == Refused(2, "not CSV: unexpected end of data (up to line 3)")


@pytest.mark.parametrize("header", ["message-id,sent_at,messageId", "a,A,b", "Имя,b,Имя"])
def test_two_columns_of_one_name_refuse_the_file(header: str) -> None:
    names = header.split(",")
    with pytest.raises(UnusableFile, match="mean the same field; remove or rename one"):
        list(table(f"{header}\n1,2,3\n").rows)
    assert len(table(header).columns) == len(names)


def test_columns_without_a_name_may_be_empty() -> None:
    rows = list(table("a,,Имя,,Город\n1,,x,,y\n2,3,x,,y\n1,3,x,4,y\n").rows)
    assert rows == [
        Row(2, {"a": "1", "Имя": "x", "Город": "y"}),
        Row(3, {"a": "2", "": "3", "Имя": "x", "Город": "y"}),
        Refused(4, "values in several columns without a name"),
    ]


def test_no_lines_no_columns() -> None:
    assert table("").columns == ()
