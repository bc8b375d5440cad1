"""Questions on Spark, in the user's own session: a reader of cached messages.

The messages that ``dlr compact`` has cached are read where they lie, on any file system that this
Spark reads. Every figure comes from the same ``.sql`` file as on DuckDB, translated by sqlglot, and
is the same. Needs ``pip install 'dlr_analytics[spark]'`` and Java 17.

::

    from dlr_analytics import spark as dlr_spark

    db = dlr_spark.open("s3a://bucket/prefix", spark)
    db.delivery_rate(by="network_code")
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from dlr_analytics.spark.database import SparkDatabase

__all__ = ["open"]


def open(data: str | os.PathLike[str], spark: SparkSession | None = None) -> SparkDatabase:
    """Open the cached messages of a data directory, to question them on Spark.

    Parameters
    ----------
    data : str or path
        The data directory: a folder, or a URI that this Spark reads, like ``s3a://bucket/prefix``.
    spark : SparkSession, optional
        The user's session, by default the active one. Its settings, its views and which session is
        active stay as they are.

    Returns
    -------
    SparkDatabase
        Read-only, as of the newest cached receipt.

    Raises
    ------
    MissingTool
        If pyspark, sqlglot or Java is not installed, or Spark is older than 4.
    UsageError
        If there is no session, or one of Spark Connect.
    DataFolderMissing
        If there is no such folder.
    DataError
        If it has no cached messages, or not all of them, or those of another release or with other
        settings.
    """
    from dlr_analytics.spark.sessions import must_be_installed

    must_be_installed()
    from dlr_analytics.notebook.presenter import PRESENTER
    from dlr_analytics.settings import load_settings
    from dlr_analytics.spark.cached import read_cache
    from dlr_analytics.spark.database import SparkDatabase
    from dlr_analytics.spark.sessions import active_session_kept, own_session, usable_session
    from dlr_analytics.spark.storage import Storage

    session = usable_session(spark)
    with active_session_kept(session):
        storage = Storage.of(os.fspath(data), own_session(session))
        return SparkDatabase(read_cache(storage, load_settings({})), PRESENTER)
