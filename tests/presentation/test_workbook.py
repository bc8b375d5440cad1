"""A workbook takes any title as the name of a sheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dlr_analytics.presentation.table import Table
from dlr_analytics.presentation.workbook import Workbook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books")


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@example("Cost by a/b")
@example("'x'")
@example("History")
@example("")
@example("\N{GRINNING FACE}" * 20)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_title_names_a_sheet(folder: Path, title: str) -> None:
    book = Workbook(folder / "x.xlsx", "x", dt.datetime(2026, 11, 24))
    book.add(Table(title, "x", "", (), ()))
    book.close()
    (sheet,) = openpyxl.load_workbook(folder / "x.xlsx").worksheets
    assert 1 <= len(sheet.title.encode("utf-16-le")) / 2 <= 31
    assert not set(sheet.title) & set("[]:*?/\\")
