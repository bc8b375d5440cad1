"""What is not offered on Spark is refused with the reason and another way. No JVM is started."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dlr_analytics import spark as dlr_spark
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.errors import DataError, DlrError, MissingTool, UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.spark import cached, sessions
from dlr_analytics.spark.unsupported import Unsupported
from dlr_analytics.store import layout


@pytest.mark.parametrize(
    "method",
    ["message", "number", "record_sends", "sql", "reconcile", "report", "explore", "watch"],
)
def test_a_method_without_an_answer_says_why(method: str) -> None:
    with pytest.raises(UsageError, match=rf"db\.{method}\(\) is not offered on Spark: .+; .+"):
        getattr(Unsupported(), method)("0A")


@pytest.mark.parametrize("package", ["pyspark", "sqlglot"])
def test_a_missing_package_is_named_with_its_extra(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {"pyspark", "sqlglot"} - {package}
    monkeypatch.setattr(
        f"{sessions.__name__}.find_spec", lambda name: name if name in others else None
    )
    with pytest.raises(MissingTool, match=rf"{package} is not .+\[spark\]"):
        dlr_spark.open("data/sample")


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
def test_without_java_there_is_no_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    with pytest.raises(MissingTool, match="there is no Java"):
        sessions.usable_session(None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="there is no active session"):
        sessions.usable_session(None)


SESSIONS = {
    "Spark Connect": SimpleNamespace(version="4.0.0"),
    "stopped": SimpleNamespace(_jsparkSession=1, _sc=SimpleNamespace(_jsc=None), version="4.0.0"),
    "Spark 3.5.6": SimpleNamespace(_jsparkSession=1, _sc=SimpleNamespace(_jsc=1), version="3.5.6"),
}


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
@pytest.mark.parametrize("problem", SESSIONS)
def test_a_session_that_cannot_be_used_is_refused(problem: str) -> None:
    pytest.importorskip("pyspark")
    with pytest.raises(DlrError, match=problem):
        sessions.usable_session(SESSIONS[problem])  # type: ignore[arg-type]


class Folder:
    """A data directory without Spark."""

    def __init__(self, data: Path) -> None:
        self.root = str(data)

    def files(self, folder: str) -> frozenset[str]:
        """As :meth:`Storage.files`."""
        root = Path(self.root)
        return frozenset(path.relative_to(root).as_posix() for path in (root / folder).rglob("*.*"))


def _remove_manifest(data: Path) -> None:
    layout.cache_manifest(layout.messages(data)).unlink()


def _remove_a_file(data: Path) -> None:
    min(layout.messages(data).rglob("*.parquet")).unlink()


def _cut_manifest(data: Path) -> None:
    file = layout.cache_manifest(layout.messages(data))
    file.write_bytes(file.read_bytes()[:500])


def _other_release(data: Path) -> None:
    file = layout.cache_manifest(layout.messages(data))
    file.write_text(json.dumps({**json.loads(file.read_text()), "basis": "another"}))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (_remove_manifest, "no cached messages, which Spark reads; run `dlr compact` there"),
        (_remove_a_file, r"1 of \d+ cached files are missing, like messages/first_seen="),
        (_cut_manifest, "by another release"),
        (_other_release, "DLR_CURRENCY"),
    ],
)
def test_a_cache_that_cannot_be_used_is_refused(
    damage: Callable[[Path], None], problem: str, small: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(small, data)
    _manifest(data)
    damage(data)
    with pytest.raises(DataError, match=problem):
        _manifest(data)


def _manifest(data: Path) -> Any:
    file = layout.cache_manifest(layout.messages(data))
    text = file.read_bytes() if file.exists() else None
    return cached.known_manifest(Folder(data), text, fingerprint(Settings(data=data)))  # type: ignore[arg-type]
