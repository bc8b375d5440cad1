"""One session of Spark for all tests, and data directories with cached messages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.store import layout
from tests.support.cache import refresh_cache

ROOT = Path(__file__).parents[2]


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
    return _cached(ROOT / "data" / "sample", tmp_path_factory.mktemp("spark") / "the sample")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 simulated messages of another world, cached."""
    return _cached(ROOT / "tests" / "data" / "sample", tmp_path_factory.mktemp("spark") / "small")


def _cached(original: Path, data: Path) -> Path:
    for name in (layout.receipts, layout.sends, layout.quarantine):
        if name(original).exists():
            shutil.copytree(name(original), name(data))
    refresh_cache(data)
    return data


@pytest.fixture(scope="session")
def on_spark(spark: Any, sample: Path) -> Any:
    """The sample, opened on Spark."""
    from dlr_analytics import spark as dlr_spark

    return dlr_spark.open(sample, spark)


@pytest.fixture(scope="session")
def small_on_spark(spark: Any, small: Path) -> Any:
    """The small world, opened on Spark."""
    from dlr_analytics import spark as dlr_spark

    return dlr_spark.open(small, spark)
