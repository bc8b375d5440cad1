"""Collects Nexmo / Vonage SMS delivery receipts into Parquet and tells what they say.

>>> import dlr_analytics as dlr
>>> db = dlr.open("data/sample")
>>> int(db.delivery_rate().df()["messages"].item())
3000
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result
    from dlr_analytics.errors import DlrError

__version__ = "0.1.0"
__all__ = ["Database", "DlrError", "Result", "__version__", "open"]

_HOME = {
    "Database": "dlr_analytics.analysis.database",
    "DlrError": "dlr_analytics.errors",
    "Result": "dlr_analytics.analysis.result",
    "load_ipython_extension": "dlr_analytics.notebook.magic",
}


def open(data: str | os.PathLike[str] | None = None, memory: str | None = None) -> Database:
    """Open a data directory to query it.

    Parameters
    ----------
    data : path, optional
        The data directory; by default what the settings say (``DLR_DATA``, ``dlr.toml``, ``data``).

    memory : str, optional
        What a question may take, like ``"2GiB"``; by default what the settings say.

    Returns
    -------
    Database
        Read-only; each call on it sees what is stored when it is called, unsealed receipts too.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    SettingsError
        If a setting cannot be read.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> dlr.open("data/sample").cost().df()["currency"].item()
    'EUR'
    """
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.notebook.presenter import PRESENTER
    from dlr_analytics.settings import load_settings

    given = {"data": None if data is None else os.fspath(data), "memory": memory}
    return Database(load_settings(given), PRESENTER)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
