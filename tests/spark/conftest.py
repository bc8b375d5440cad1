"""One session of Spark for all tests, and data directories with cached messages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.store import layout
from tests.support.cache import refresh_cache

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A user's session on two threads, in another time zone and without ANSI SQL."""
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    from tests.support.spark_cells import session

    made = session("local[2]")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, cached, in a folder with a space in its name."""
    data = tmp_path_factory.mktemp("spark") / "the sample"
    for name in (layout.receipts, layout.sends, layout.quarantine):
        shutil.copytree(name(SAMPLE), name(data))
    refresh_cache(data)
    return data


@pytest.fixture(scope="session")
def on_spark(spark: Any, sample: Path) -> Any:
    """The sample, opened on Spark."""
    from dlr_analytics import spark as dlr_spark

    return dlr_spark.open(sample, spark)
