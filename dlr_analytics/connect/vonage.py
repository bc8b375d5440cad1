"""Vonage's API for connecting an account: each method is one request."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from dlr_analytics.connect.http import Response, fetch
from dlr_analytics.settings import Settings

SECONDS: Final = 10.0
"""Limit of a whole exchange."""

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Account:
    """An account's credentials and the addresses of its API.

    Each method makes one request and raises :class:`~dlr_analytics.connect.http.NoResponse` where
    no whole response comes within 10 s.
    """

    key: str
    secret: str = field(repr=False)
    rest_url: str
    api_url: str

    def balance(self) -> Response:
        """Request the balance, which also proves key and secret."""
        return self._fetch("GET", f"{self.rest_url}/account/get-balance")

    def settings(self) -> Response:
        """Request the settings; an empty form changes none."""
        return self._fetch("POST", f"{self.rest_url}/account/settings", {})

    def set_receipt_url(self, url: str) -> Response:
        """Set the receipt URL, and nothing else; an empty one clears it."""
        return self._fetch("POST", f"{self.rest_url}/account/settings", {"drCallBackUrl": url})

    def send(self, form: dict[str, str]) -> Response:
        """Send one SMS."""
        return self._fetch("POST", f"{self.rest_url}/sms/json", form)

    def report(self, message_ids: list[str]) -> Response:
        """Request messages by ID from the Reports API."""
        query = {
            "account_id": self.key,
            "product": "SMS",
            "direction": "outbound",
            "id": ",".join(message_ids),
        }
        return self._fetch("GET", f"{self.api_url}/v2/reports/records?{urlencode(query)}")

    def _fetch(self, method: str, url: str, form: dict[str, str] | None = None) -> Response:
        pair = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}
        if form is None:
            return fetch(method, url, SECONDS, headers)
        return fetch(method, url, SECONDS, headers | _FORM, urlencode(form).encode())


def account_from(settings: Settings) -> Account | None:
    """The account in the settings; None if key or secret is missing."""
    key, secret = settings.vonage_api_key, settings.vonage_api_secret
    if key is None or secret is None:
        return None
    return Account(key, secret, settings.vonage_rest_url, settings.vonage_api_url)


def json_object(response: Response) -> dict[str, Any]:
    """Parse the JSON object in a response's body; empty if there is none.

    Examples
    --------
    >>> json_object(Response(200, {}, b"<html>", None, 0, 0))
    {}
    """
    try:
        content = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
