"""Rows of exports of which only what is compared is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.importers.reported import _FIELDS, _read_row, _read_usual, read_reported
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import Text

VALUES = st.sampled_from(
    [
        *("", " ", "outbound", "inbound", "sms", "Viber", "mms ", "delivered", "Submitted"),
        *("23410", "23410.0", "###", "4.5E+11", "12E5", "0A", "0A-1b", "0A ", "EUR", "eur"),
        *("0.0", "0.0333", "1,5", "2026-11-24T08:00:00+0000", "2026-11-24 10:00:00+02:00"),
        *("1795507200", "yesterday"),
        *("1999-12-31T23:59:59Z", None, True, [], ["0A"], {"a": "1"}),
    ]
)


@given(st.dictionaries(st.sampled_from(sorted(_FIELDS)), VALUES))
def test_a_plain_row_is_read_as_any_other(fields: dict[str, object]) -> None:
    read = _read_row(7, fields, {})
    plain = _read_usual(fields)
    assert plain is None or plain == read
    assert not isinstance(plain, Refused)


def test_a_row_as_the_api_writes_it_is_plain() -> None:
    fields = {
        "messageid": "0A0000001234ABCD",
        "accountid": "abcd1234",
        "direction": "outbound",
        "network": "23410",
        "status": "delivered",
        "datereceived": "2026-11-24T08:00:00+0000",
        "datefinalized": "2026-11-24T08:00:05+0000",
        "currency": "EUR",
        "totalprice": "0.03330000",
    }
    assert _read_usual(fields) == _read_row(7, fields, {})
    assert _read_usual(fields) is not None


@pytest.mark.parametrize(
    "other",
    [{"status": "delivered", "date_received": "2026-11-24T08:00:00Z"}, {"message_id": "0B"}],
)
def test_a_record_that_is_no_report_is_refused_with_all_that_one_needs(
    other: dict[str, str],
) -> None:
    """Whether its message ID is missing or its times are."""
    report = {"message_id": "0A", "date_received": "2026-11-24T08:00:00Z"}
    lines = [f"{json.dumps(record)}\n" for record in (report, other)]
    _, refused = read_reported(Text("export.jsonl", lines[0].strip(), iter(lines)))
    assert isinstance(refused, Refused)
    assert "needs message_id or message_uuid, and date_received or date_finalized" in str(refused)
