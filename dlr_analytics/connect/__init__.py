"""Connecting a Vonage account: from a running receiver to the first real receipt.

``setup`` sets the account's receipt URL, ``trial`` sends one message and follows its receipts,
``diagnosis`` checks everything; the commands print the same checks.

>>> import dlr_analytics as dlr
>>> dlr.connect.doctor("data/sample", offline=True)["check"]
['receiver', 'refusals', 'receipts']
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlr_analytics.connect.checks import Checks

__all__ = ["doctor"]


def doctor(
    data: str | os.PathLike[str] | None = None,
    *,
    url: str | None = None,
    port: int | None = None,
    admin_port: int | None = None,
    offline: bool = False,
) -> Checks:
    """Check everything between Vonage and the stored receipts; free, changes nothing.

    Parameters
    ----------
    data, url, port, admin_port : optional
        As the options of ``dlr doctor``; by default what the settings say.
    offline : bool
        Only what this machine knows.

    Returns
    -------
    Checks
        A row for each check: ``check``, ``result`` (``ok``, ``wrong`` or ``unknown``), ``detail``
        and ``remedy`` (None where ok).

    Examples
    --------
    >>> doctor("data/sample", offline=True).ok
    False
    """
    from dlr_analytics.connect.diagnosis import diagnose
    from dlr_analytics.settings import load_settings
    from dlr_analytics.store.format import format_of

    options = {
        "data": None if data is None else os.fspath(data),
        "url": url,
        "port": port,
        "admin_port": admin_port,
    }
    settings = load_settings(options)
    format_of(settings.data)
    return diagnose(settings, lambda _: None, offline=offline)
