"""Receipts against exports of the Reports API: the database against plain Python."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.analysis.reconcile import BY
from dlr_analytics.analysis.reconcile import _lines as lines_of
from dlr_analytics.errors import UnknownName, UnreadableValue, UnusableFile
from dlr_analytics.importers.reported import Reported
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.encoding import replace_surrogates
from dlr_analytics.webhook.receipt import Receipt
from tests.support import histories
from tests.support.data_directories import database, receive
from tests.support.oracles import reconcile as oracle
from tests.support.pipelines import after, receipt
from tests.support.quick import more_in_slow

EXPORTED = (
    '{"date_received":"2026-11-03T12:00:00+0000"}',
    '{"messageId": "0A", "Date-Finalized": "x", "usage": {"currency": "USD"}}',
)
"""``raw`` of an imported row of an export."""
GENUINE = ('{"client-ref":"\\"date_received\\":1"}', '{"x": {"date_finalized": 1}}', "{}")
"""``raw`` of a logged receipt that only speaks of dates."""

TIMES = ("2026-11-03T12:00:00+0000", "2026-11-04T00:00:00+00:00", "2026-11-03T23:59:59+0000", "")
ROW = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["abcd1234", ""]),
        "message_id": st.builds(
            lambda name, ends: name + "-" * ends,
            st.sampled_from([*histories.IDS, "gone"]),
            st.integers(0, histories.GROUPS - 1),
        ),
        "direction": st.sampled_from(["outbound", "outbound", "", "Inbound"]),
        "provider": st.sampled_from(["sms", "", "", "Viber"]),
        "network": st.sampled_from(["23410", "310260", ""]),
        "date_received": st.sampled_from(TIMES),
        "date_finalized": st.sampled_from(TIMES),
        "status": st.sampled_from(
            [*(status or "" for status in histories.STATUSES), "DELIVRD", "Submitted"]
        ),
        "currency": st.sampled_from(["EUR", "EUR", "usd", ""]),
        "total_price": st.sampled_from(["0.0333", "0.03330001", "0", "9999999999.99999999", ""]),
    }
)
BYS = st.lists(st.sampled_from(BY), unique=True)


def written(rows: Sequence[oracle.Row], file: Path) -> Path:
    """Write an export as CSV or JSON, plain or packed, as its name says."""
    names = list(ROWS_NAMES)
    if ".json" in file.name:
        text = json.dumps({"records": list(rows)}, indent=1)
    else:
        table = io.StringIO()
        writer = csv.DictWriter(table, names)
        writer.writeheader()
        writer.writerows(rows)
        text = table.getvalue()
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    elif file.suffix == ".zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(file.stem, text)
    else:
        file.write_text(text, encoding="utf-8", newline="")
    return file


PLAIN: dict[str, str] = {
    "account_id": "abcd1234",
    "message_id": "0A",
    "direction": "outbound",
    "provider": "",
    "network": "23410",
    "date_received": TIMES[0],
    "date_finalized": TIMES[0],
    "status": "delivered",
    "currency": "EUR",
    "total_price": "0.0333",
}
ROWS_NAMES = tuple(PLAIN)


def exported(row: Receipt, pick: int) -> Receipt:
    """Make every third receipt an imported one, of an export or of a log."""
    raws = (*EXPORTED, *GENUINE)
    if pick >= len(raws):
        return row
    return dataclasses.replace(row, source="import", raw=raws[pick])


@pytest.mark.thorough
@more_in_slow(8, 25)
def test_rows_and_list_are_those_of_plain_python(examples: int) -> None:
    """Whatever came, however it is written and in however many batches it is compared."""

    @settings(max_examples=examples)
    @given(
        history=histories.histories(receipts=60, sends=10),
        picks=st.lists(st.integers(0, 12), min_size=60, max_size=60),
        rows=st.lists(ROW, max_size=40),
        name=st.sampled_from(["a.csv", "a.csv.gz", "a.csv.zip", "a.json", "a.json.zip"]),
        by=BYS,
        batch=st.sampled_from([7, 10**6]),
    )
    def over_files(
        history: histories.History,
        picks: list[int],
        rows: list[dict[str, str]],
        name: str,
        by: list[str],
        batch: int,
    ) -> None:
        receipts = [
            exported(*pair) for pair in zip(history.receipts, [*picks, *picks], strict=False)
        ]
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "RECEIPTS_PER_BATCH", batch)
            data = Path(folder) / "data"
            receive(data, receipts, seal=False)
            record_sends(data, history.sends)
            file = written(rows, Path(folder) / name)
            db = database(data)
            found = oracle.differences(rows, receipts)
            assert db.reconcile(file, by=by).rows() == oracle.sums(found, by)
            assert sorted(db.reconcile([file], list=True).rows(), key=repr) == sorted(
                oracle.listed(found), key=repr
            )

    over_files()


@pytest.mark.parametrize("raw", EXPORTED)
def test_what_came_out_of_an_export_is_not_received(tmp_path: Path, raw: str) -> None:
    """Neither a row of the export that was imported, nor its send record."""
    receive(tmp_path / "data", [receipt(source="import", raw=raw)])
    record_sends(tmp_path / "data", [Send("0A", after(), "reports", price=Decimal("0.0333"))])
    found = database(tmp_path / "data").reconcile(written([PLAIN], tmp_path / "a.csv"))
    price = Decimal("0.03330000")
    assert found.rows() == [("EUR", 1, 0, 1, 0, 0, price, price, Decimal(0))]


@pytest.mark.parametrize(
    ("source", "raw"), [*(("import", raw) for raw in GENUINE), ("sms", EXPORTED[0])]
)
def test_a_receipt_from_a_log_is_received(tmp_path: Path, source: str, raw: str) -> None:
    receive(tmp_path / "data", [receipt(source=source, raw=raw)])
    found = database(tmp_path / "data").reconcile(written([PLAIN], tmp_path / "a.csv"), list=True)
    assert found.rows() == []


def test_the_same_file_twice_is_the_same_as_once(tmp_path: Path) -> None:
    receive(tmp_path / "data", [])
    file, db = written([PLAIN], tmp_path / "a.csv"), database(tmp_path / "data")
    assert db.reconcile([file, file]).rows() == db.reconcile(file).rows()


def test_the_list_is_in_order_of_day_and_message_or_of_by(tmp_path: Path) -> None:
    """Beyond the rows that an engine keeps together, too."""
    rows = [
        PLAIN | {"message_id": f"{n:05}", "date_received": TIMES[n % 4], "network": str(n % 3)}
        for n in range(6_000)
    ]
    receive(tmp_path / "data", [])
    file, db = written(rows, tmp_path / "a.csv"), database(tmp_path / "data")
    found = oracle.differences(rows, [])
    assert db.reconcile(file, list=True).rows() == oracle.listed(found)
    networks = db.reconcile(file, list=True, by="network_code").df()["network_code"]
    assert networks.is_monotonic_increasing


def test_prices_are_compared_in_the_currency_of_the_setting(tmp_path: Path) -> None:
    """A receipt of the SMS API has no currency: it is that of the setting."""
    receive(tmp_path / "data", [receipt(price=Decimal("0.01"))])
    file = written([PLAIN | {"currency": "USD"}], tmp_path / "a.csv")
    counts = [
        database(tmp_path / "data", currency=currency).reconcile(file).rows()[0][5]
        for currency in ("EUR", "USD")
    ]
    assert counts == [0, 1]


def test_an_account_without_receipts_is_named(tmp_path: Path) -> None:
    receive(tmp_path / "data", [receipt(api_key="ABCD1234"), receipt("0B", api_key=None)])
    other = written([PLAIN, PLAIN | {"account_id": "ffff0000"}], tmp_path / "a.csv")
    own: Any = database(tmp_path / "data").reconcile(other).own
    assert (own["unknown_accounts"], own["accounts"]) == (("ffff0000",), ("ABCD1234",))


def test_nothing_is_written(tmp_path: Path) -> None:
    data = tmp_path / "data"
    receive(data, [receipt()])
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    database(data).reconcile(written([PLAIN], tmp_path / "a.csv"))
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("by", ["country", "hour", {"x": "price > 1"}])
def test_rows_are_by_what_an_export_reports(tmp_path: Path, by: Any) -> None:
    receive(tmp_path / "data", [])
    with pytest.raises(UnknownName):
        database(tmp_path / "data").reconcile(written([PLAIN], tmp_path / "a.csv"), by=by)


def test_at_least_one_file_has_to_be_named(tmp_path: Path) -> None:
    receive(tmp_path / "data", [])
    with pytest.raises(UnreadableValue):
        database(tmp_path / "data").reconcile([])


def test_an_archive_without_files_is_no_export(tmp_path: Path) -> None:
    receive(tmp_path / "data", [])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.mkdir("2026")
    with pytest.raises(UnusableFile):
        database(tmp_path / "data").reconcile(tmp_path / "a.zip")


TEXT = (
    st.none() | st.text(st.characters(exclude_categories=())) | st.sampled_from(['"\\', "\ud800"])
)
REPORTED = st.builds(
    Reported,
    st.text(st.characters(exclude_categories=()), min_size=1),
    *[TEXT] * 2,
    *[st.none() | st.datetimes()] * 2,
    *[TEXT] * 2,
    st.none() | st.decimals(0, 10**9, places=8),
)


@given(st.lists(REPORTED, max_size=4))
def test_rows_are_written_as_a_library_writes_them(rows: list[Reported]) -> None:
    def text(value: object) -> str:
        return f"{value:f}" if isinstance(value, Decimal) else str(value)

    for place, (row, line) in enumerate(zip(rows, lines_of(rows), strict=True)):
        values = {"place": place, **dataclasses.asdict(row)}
        wanted = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=text)
        assert line.decode() == replace_surrogates(wanted) + "\n"
