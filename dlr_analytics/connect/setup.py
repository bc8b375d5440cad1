"""``dlr setup``: check, set and restore the account's receipt URL.

The URL is written once. The URL in the response decides whether it was saved, not the status: an
unreachable URL may be ignored with a 200. Without a URL in the response the setting is read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from dlr_analytics.connect.account import (
    BY_HAND,
    SET,
    AccountUrls,
    compare,
    read_urls,
    site,
)
from dlr_analytics.connect.checks import Checklist, Checks
from dlr_analytics.connect.evidence import read_counters
from dlr_analytics.connect.http import NoResponse
from dlr_analytics.connect.saved import Saved, load_saved, store_saved
from dlr_analytics.connect.vonage import Account, account_from, json_object
from dlr_analytics.connect.way import Way
from dlr_analytics.errors import UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.webhook.checks import Check, Finding, look_at_calls, unknown, wrong

CALLED_SECONDS: Final = 3.0
_FIRST_FOUR: Final = ("receiver", "url", "reach", "account")


def setup(
    settings: Settings, show: Callable[[Check], None], *, apply: bool = False, replace: bool = False
) -> Checks:
    """Check the way and the account's setting; with ``apply`` set the receipt URL.

    Parameters
    ----------
    show : callable
        Takes each check, once.
    replace : bool
        Also replace a URL that was not set from here.
    """
    checklist = Checklist(show)
    way = Way(settings, checklist)
    way.check()
    setting = _Setting(settings, way.account, way.public.url)
    may_write = apply and checklist.is_ok(*_FIRST_FOUR)
    checklist.make(
        "setting", ("url", "account"), lambda: setting.check(may_write=may_write, replace=replace)
    )
    if setting.is_saved:
        checklist.make("called", ("setting",), setting.check_called)
    return checklist.checks


class _Setting:
    """The check ``setting`` of ``dlr setup``, and ``called`` after it has saved."""

    def __init__(self, settings: Settings, account: Account | None, url: str) -> None:
        self._settings = settings
        self._account = account
        self._url = url
        self.is_saved = False

    def check(self, *, may_write: bool, replace: bool) -> str:
        assert self._account is not None
        urls = read_urls(self._account)
        finding = compare(urls, self._url)
        if finding is None:
            return SET
        if not may_write or not (replace or self._is_ours(urls.receipts)):
            raise finding
        self._save(self._account, urls)
        return SET

    def _is_ours(self, url: str) -> bool:
        """Whether the URL is empty or was set by us."""
        assert self._account is not None
        saved = load_saved(self._settings.data).get(self._account.key)
        return not url or (saved is not None and saved.is_ours(url))

    def _save(self, account: Account, urls: AccountUrls) -> None:
        data = self._settings.data
        saved = load_saved(data)
        previous = saved.get(account.key)
        entry = previous.replaced_by(self._url) if previous else Saved(self._url, urls.receipts)
        self._counters = read_counters(self._settings)
        store_saved(data, {**saved, account.key: entry})
        try:
            write_url(account, self._url)
        except Finding as finding:
            if finding.result == "wrong":  # nothing was saved
                store_saved(data, saved)
            raise
        self.is_saved = True

    def check_called(self) -> str:
        """Check that the receiver has counted Vonage's call."""
        before = self._counters
        if before is None:
            raise unknown("no counters of the receiver", "name its --admin-port, or give it one")
        deadline = time.monotonic() + CALLED_SECONDS
        counted = False
        while not counted and time.monotonic() <= deadline:
            now = read_counters(self._settings)
            counted = now is not None and now.empty_calls > before.empty_calls
            time.sleep(0 if counted else 0.2)
        return look_at_calls(
            counted=counted,
            within=f"within {CALLED_SECONDS:.0f} s",
            remedy="send a message with dlr try --account-url",
        )


def write_url(account: Account, url: str) -> None:
    """Set the receipt URL by one request; raise a Finding unless it is saved."""
    try:
        response = account.set_receipt_url(url)
    except NoResponse as error:
        reason, refused, present = error.reason, not error.sent, None
    else:
        reason = f"Vonage answered {response.status}"
        refused = HTTPStatus.BAD_REQUEST <= response.status < HTTPStatus.INTERNAL_SERVER_ERROR
        present = json_object(response).get("dr-callback-url")
    if not isinstance(present, str):
        try:
            present = read_urls(account).receipts
        except Finding as finding:
            if refused:
                raise wrong(f"not saved: {reason}", BY_HAND) from None
            raise unknown(
                f"saved or not saved, it is not known: {reason}, then {finding.detail}",
                "run dlr setup again",
            ) from None
    if present != url:
        kept = f"the URL at {site(present)} stays" if present else "no URL is set"
        raise wrong(f"not saved: {reason}, {kept}", BY_HAND)


def undo(settings: Settings, show: Callable[[Check], None], *, replace: bool = False) -> Checks:
    """Restore the receipt URL from before the first of ours.

    Parameters
    ----------
    replace : bool
        Also replace a URL that somebody else has set since.

    Raises
    ------
    UsageError
        Without credentials, or where nothing was set for their account.
    """
    account = account_from(settings)
    if account is None:
        raise UsageError(
            "no key and secret of the account", "set VONAGE_API_KEY and VONAGE_API_SECRET"
        )
    saved = load_saved(settings.data)
    if account.key not in saved:
        raise UsageError(
            f"{layout.account_setup(settings.data)} has no URL for this key: nothing to undo",
            "check VONAGE_API_KEY and --data",
        )
    entry = saved[account.key]

    def restore() -> str:
        present = read_urls(account).receipts
        if present != entry.before:
            if present and not entry.is_ours(present) and not replace:
                raise wrong(
                    f"another receipt URL was set since, at {site(present)}",
                    "replace it with dlr setup --undo --replace",
                )
            write_url(account, entry.before)
        store_saved(settings.data, {key: each for key, each in saved.items() if key != account.key})
        return f"the URL at {site(entry.before)} is set again" if entry.before else "no URL is set"

    checklist = Checklist(show)
    checklist.make("setting", (), restore)
    return checklist.checks
