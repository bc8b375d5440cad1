"""``dlr doctor``: all checks that are free and change nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from dlr_analytics.connect.account import check_setting
from dlr_analytics.connect.checks import Checklist, Checks
from dlr_analytics.connect.evidence import check_refusals
from dlr_analytics.connect.receiver import check_receiver
from dlr_analytics.connect.way import Way
from dlr_analytics.errors import DamagedFile, DataFolderMissing
from dlr_analytics.settings import Settings
from dlr_analytics.store.status import newest_receipt
from dlr_analytics.webhook.checks import Check, look_at_receipts, unknown


def diagnose(settings: Settings, show: Callable[[Check], None], *, offline: bool = False) -> Checks:
    """Check everything.

    Parameters
    ----------
    show : callable
        Takes each check, once.
    offline : bool
        Only what this machine knows.
    """
    checklist = Checklist(show)
    if offline:
        checklist.make("receiver", (), lambda: check_receiver(settings))
    else:
        _check_online(settings, checklist)
    checklist.make("refusals", ("receiver",), lambda: check_refusals(settings))
    checklist.make("receipts", (), lambda: _check_receipts(settings))
    return checklist.checks


def _check_online(settings: Settings, checklist: Checklist) -> None:
    way = Way(settings, checklist)
    way.check(all_of_it=True)

    def look() -> str:
        assert way.account is not None
        return check_setting(way.account, way.public.url)

    checklist.make("setting", ("url", "account"), look)
    way.check_clock()


def _check_receipts(settings: Settings) -> str:
    try:
        newest = newest_receipt(settings.data)
    except DataFolderMissing:
        newest = None
    except DamagedFile as error:
        raise unknown(f"not readable: {error.problem}", error.remedy) from None
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    return look_at_receipts(newest, now, f"in {settings.data} yet")
