"""The user's session of Spark, and one of our own beside it.

Our statements need UTC, times without a zone and ANSI SQL; the user's session may have anything.
``newSession()`` shares executors and data, but no settings and no temporary views. Spark makes a
session the active one whenever it is used, and the user would find ours there: so the one that was
active before is set again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from dlr_analytics.errors import MissingTool, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST: Final = 4
"""The first major version of Spark whose answers are tested."""

SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.crossJoin.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.groupByAliases": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.binaryAsString": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
}
"""Settings that the answers depend on."""

_PASSED_ON: Final = ("fs.", "spark.hadoop.", "spark.sql.shuffle.", "spark.sql.adaptive.")
"""Beginnings of settings of the user's session that ours has too: access to files, and sizes."""


def must_be_installed() -> None:
    """Check that the packages of the extra are installed.

    Raises
    ------
    MissingTool
        If one is not.
    """
    for package in ("pyspark", "sqlglot"):
        if find_spec(package) is None:
            raise MissingTool(
                f"{package} is not installed, which questions on Spark need",
                "pip install 'dlr_analytics[spark]'",
            )


def usable_session(spark: SparkSession | None) -> SparkSession:
    """Return the session, or the active one.

    Raises
    ------
    MissingTool
        If there is none for want of Java, or Spark is too old.
    UsageError
        If there is none, it is stopped, or it is one of Spark Connect.
    """
    from pyspark.sql import SparkSession

    found = spark if spark is not None else SparkSession.getActiveSession()
    if found is None:
        if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
            raise MissingTool(
                "there is no Java, which Spark needs", "install a JRE 17, or set JAVA_HOME"
            )
        raise UsageError(
            "there is no active session of Spark",
            "make one with SparkSession.builder.getOrCreate(), and pass it on",
        )
    if not hasattr(found, "_jsparkSession"):
        raise UsageError(
            f"{type(found).__module__} is of Spark Connect, which has no sessions beside it",
            "open the data where Spark's driver runs",
        )
    if found._sc._jsc is None:
        raise UsageError("this session of Spark is stopped", "make a new one, and open again")
    must_be_recent(found.version)
    return found


def must_be_recent(version: str) -> None:
    """Check the version of Spark.

    Raises
    ------
    MissingTool
        If it is too old.

    Examples
    --------
    >>> must_be_recent("3.5.6")
    Traceback (most recent call last):
    dlr_analytics.errors.MissingTool: this is Spark 3.5.6, and questions need Spark 4 or newer;
        pip install 'pyspark>=4'
    """
    major = version.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST:
        raise MissingTool(
            f"this is Spark {version}, and questions need Spark {OLDEST} or newer",
            f"pip install 'pyspark>={OLDEST}'",
        )


def own_session(spark: SparkSession) -> SparkSession:
    """Make a session with the settings that our statements need."""
    session = spark.newSession()
    for name, value in spark.conf.getAll.items():
        if name.startswith(_PASSED_ON):
            session.conf.set(name, value)
    for name, value in SETTINGS.items():
        session.conf.set(name, value)
    return session


@contextmanager
def active_session_kept(spark: SparkSession) -> Iterator[None]:
    """Set the active session again at the end of the block, in Python and in Java."""
    kind = type(spark)
    java = spark._get_j_spark_session_class(spark._jvm)
    before, active = java.getActiveSession(), kind._activeSession
    try:
        yield
    finally:
        if before.isDefined():
            java.setActiveSession(before.get())
        else:
            java.clearActiveSession()
        kind._activeSession = active
