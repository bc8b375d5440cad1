"""Buckets in memory, for tests of what is read from one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from obstore.store import MemoryStore, ObjectStore

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.result import Result
from dlr_analytics.bucket import files
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.settings.bucket_path import BucketPath
from dlr_analytics.store import layout
from tests.support.buckets import upload

DATA = BucketPath("s3://sms/live")

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def copy_sample(folder: Path, days: int = 5) -> Path:
    """Copy the last days of the sample, with all of its send records."""
    shutil.copytree(SAMPLE, folder)
    for day in sorted(layout.receipts(folder).iterdir())[:-days]:
        shutil.rmtree(day)
    return folder


@contextmanager
def stored_in(store: ObjectStore) -> Iterator[None]:
    """Every address of a bucket leads to this store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "open_store", lambda _: store)
        yield


@contextmanager
def uploaded(data: Path) -> Iterator[MemoryStore]:
    """A bucket with the files of a data directory."""
    store = MemoryStore()
    upload(data, store)
    with stored_in(store):
        yield store


def database(**settings: Any) -> Database:
    """The database of the bucket."""
    return Database(Settings(data=DATA, **settings), PRESENTER)


def cells(result: Result) -> tuple[Any, ...]:
    """The cells, in any order of rows; doubles without the digits that the order of a sum gives."""
    rows = [
        tuple(repr(round(one, 9) if isinstance(one, float) else one) for one in row)
        for row in result.rows()
    ]
    return result.as_of, result.columns, sorted(rows)
