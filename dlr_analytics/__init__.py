"""Collect SMS delivery receipts of Nexmo / Vonage in Parquet and analyse them.

>>> import dlr_analytics as dlr
>>> db = dlr.open("data/sample")
>>> int(db.delivery_rate().df()["messages"].item())
30000
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlr_analytics import connect
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result
    from dlr_analytics.errors import DlrError

__version__ = "0.1.0"
__all__ = ["Database", "DlrError", "Result", "__version__", "connect", "open"]

_MODULES = {
    "Database": "dlr_analytics.analysis.database",
    "DlrError": "dlr_analytics.errors",
    "Result": "dlr_analytics.analysis.result",
    "load_ipython_extension": "dlr_analytics.notebook.magic",
}


def open(data: str | os.PathLike[str] | None = None, memory: str | None = None) -> Database:
    """Open a data directory to query it.

    Parameters
    ----------
    data : path or str, optional
        The data directory, or its address in a bucket, ``s3://bucket/prefix``; by default from the
        settings (``DLR_DATA``, ``dlr.toml``, ``data``).
    memory : str, optional
        Memory limit of a query, like ``"2GiB"``; by default from the settings.

    Returns
    -------
    Database
        Read-only. Each call sees the data stored at that time, unsealed receipts included.

    Raises
    ------
    DataFolderMissing
        If the folder does not exist.
    BucketError
        If the bucket cannot be read, or has no receipts there.
    MissingTool
        If the extra ``s3`` is not installed, which buckets need.
    SettingsError
        If a setting is invalid.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> dlr.open("data/sample").cost().df()["currency"].item()
    'EUR'
    """
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.notebook.presenter import PRESENTER
    from dlr_analytics.settings import load_settings

    options = {"data": None if data is None else str(data), "memory": memory}
    return Database(load_settings(options, reads_only=True), PRESENTER)


def __getattr__(name: str) -> Any:
    if name == "connect":
        return importlib.import_module("dlr_analytics.connect")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
