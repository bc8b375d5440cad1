"""The account at Vonage: its credentials, its receipt URL, and Vonage's clock."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from dlr_analytics.connect.http import NoResponse, Response
from dlr_analytics.connect.vonage import Account, json_object
from dlr_analytics.webhook.checks import Finding, unknown, wrong

BY_HAND: Final = (
    'enter the URL by hand: dashboard, API Settings, "Delivery receipts (DLR) webhooks"'
    ' (older: "Webhook URL for Delivery Receipts")'
)

CLOCK_SECONDS: Final = 2.0
_MOST: Final = 10**12
"""Balances from here on, infinite ones among them, are none."""

_KNOWN: Final = ("dr-callback-url", "mo-callback-url", "max-outbound-request")


def answered(status: int) -> Finding:
    """Finding for a response without the expected content."""
    if status == HTTPStatus.UNAUTHORIZED:
        return wrong(
            "Vonage answered 401: key or secret is wrong",
            "check VONAGE_API_KEY and VONAGE_API_SECRET",
        )
    return unknown(f"Vonage answered {status}, not what was asked", "try again later")


def no_answer(error: NoResponse) -> Finding:
    """Finding for a request without a response."""
    return unknown(f"Vonage: {error.reason}", "check this machine's way to Vonage, try again")


class Balance:
    """The checks ``account`` and ``clock``, from one response."""

    def __init__(self, account: Account | None) -> None:
        self._account = account
        self._response: Response | None = None

    def check(self) -> str:
        """Request the balance, which proves key and secret."""
        if self._account is None:
            raise unknown(
                "no key and secret of the account",
                f"set VONAGE_API_KEY and VONAGE_API_SECRET, or {BY_HAND}",
            )
        try:
            response = self._response = self._account.balance()
        except NoResponse as error:
            raise no_answer(error) from None
        value = json_object(response).get("value")
        if response.status != HTTPStatus.OK or not _is_number(value):
            raise answered(response.status)
        return f"key and secret are right, balance {value:.2f}"

    def check_clock(self) -> str:
        """Compare this machine's clock with the ``Date`` of Vonage's response."""
        assert self._response is not None
        try:
            date = parsedate_to_datetime(self._response.headers.get("date", "")).timestamp()
        except (ValueError, OverflowError):
            raise unknown("Vonage's response has no date", "check the clock yourself") from None
        # The response was dated at some moment of the exchange, and of the second that it names.
        ahead = self._response.started - (date + 1)
        behind = date - self._response.ended
        if max(ahead, behind) > CLOCK_SECONDS:
            which = "ahead of" if ahead > behind else "behind"
            raise wrong(
                f"this machine's clock is {max(ahead, behind):.0f} s {which} Vonage's",
                "set it by NTP",
            )
        return f"within {CLOCK_SECONDS:.0f} s of Vonage's"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST


@dataclass(frozen=True, slots=True)
class AccountUrls:
    """An account's URLs of receipts and of inbound messages; empty where not set."""

    receipts: str
    inbound: str


def read_urls(account: Account) -> AccountUrls:
    """Request the account's URLs; raise a Finding if the response has none."""
    try:
        response = account.settings()
    except NoResponse as error:
        raise no_answer(error) from None
    content = json_object(response)
    if response.status != HTTPStatus.OK or content.keys().isdisjoint(_KNOWN):
        raise answered(response.status)
    return AccountUrls(*(_text(content.get(name)) for name in _KNOWN[:2]))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def site(url: str) -> str:
    """Scheme and host of a URL of others, the only parts that may be printed.

    Examples
    --------
    >>> site("https://user:pass@hooks.example.com/secret?a=1"), site("what?")
    ('https://hooks.example.com', 'a URL that cannot be read')
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not host.isascii() or not host.isprintable():
        return "a URL that cannot be read"
    return f"{parts.scheme}://{host}"


def compare(urls: AccountUrls, url: str) -> Finding | None:
    """Compare the account's receipt URL with ``url``; None if they are equal."""
    if urls.receipts == url:
        return None
    inbound = ", and this URL is in the field of inbound messages" if urls.inbound == url else ""
    if urls.receipts:
        return wrong(
            f"the account's receipt URL is another one, at {site(urls.receipts)}{inbound}",
            "change it with dlr setup --apply --replace",
        )
    return wrong(f"the account's receipt URL is not set{inbound}", "set it with dlr setup --apply")


def check_setting(account: Account, url: str) -> str:
    """Check that the account's receipt URL is ``url``."""
    finding = compare(read_urls(account), url)
    if finding is not None:
        raise finding
    return SET


SET: Final = "the account's receipt URL is this one"
