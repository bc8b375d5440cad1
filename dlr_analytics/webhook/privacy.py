"""Hashing or masking of subscribers' numbers, before anything is written to disk.

A number is recognized by its digits, not by its field: seven or more of them in any spelling, in
any field but the account's own sender, the message ID and what is readable as a price or a time.
The recipient's number is hashed or masked wherever its last seven digits stand, other numbers in
a client reference likewise; in fields that are unknown or unreadable other numbers are masked.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dlr_analytics.settings import Settings
from dlr_analytics.webhook.content import is_inbound
from dlr_analytics.webhook.fields import read_epoch, read_price, read_scts, read_time
from dlr_analytics.webhook.messages_api import is_status_webhook
from dlr_analytics.webhook.parameters import (
    Parameters,
    Value,
    append_value,
    last,
    text_of,
)
from dlr_analytics.webhook.phone_numbers import RUN, SPELLED, calling_code, digits_of

MASK: Final = "*"

_TAIL: Final = 7
"""Last digits that identify a number in any spelling: national, spaced, with a plus."""

HASH: Final = re.compile("[0-9a-f]{32}")
"""A number that is stored as a hash."""

_WORD: Final = r"(?<![0-9A-Za-z])(?:%s)(?![0-9A-Za-z])"
_DATE: Final = r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?:(?:[ T+]|%20)[0-2]\d)?(?!\d)"
_NUMBER: Final = re.compile(rf"(?P<kept>{_WORD % HASH.pattern}|{_DATE})|{SPELLED}", re.IGNORECASE)

# A client reference may hold a UUID, a compact date, or the time of sending since 1970.
_UUID: Final = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_TIME: Final = r"(?<!\d)(?:1[4-9]\d{8}(?:\d{3})?|20\d\d[01]\d[0-3]\d(?:T?[0-2]\d{5})?)(?!\d)"
_NUMBER_IN_REF: Final = re.compile(
    rf"(?P<kept>{_WORD % HASH.pattern}|{_WORD % _UUID}|{_DATE}|{_TIME})|{SPELLED}", re.IGNORECASE
)

_Rule = Callable[[str], str]
_Reader = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Privacy:
    """Storage of numbers: ``keep``, ``hash`` with ``key``, or ``mask``."""

    mode: str = "keep"
    key: bytes = field(default=b"", repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> Privacy:
        """Privacy from the settings ``msisdn`` and ``msisdn_key``.

        Examples
        --------
        >>> Privacy.from_settings(Settings(msisdn="mask"))
        Privacy(mode='mask')
        """
        return cls(settings.msisdn, (settings.msisdn_key or "").encode())


def protect_number(text: str, privacy: Privacy) -> str:
    """Convert a number to the form in which it is stored.

    Parameters
    ----------
    text : str
        A number in any spelling, percent-encoded or not; only its digits count. A masked or a
        hashed number is returned unchanged.

    Returns
    -------
    str
        ``keep``: the text; ``hash``: the first 16 bytes of HMAC-SHA256(key, digits) as 32 hex
        characters; ``mask``: calling code and last two digits, the rest ``*``.

    Examples
    --------
    >>> protect_number("447700900001", Privacy("mask"))
    '44********01'
    >>> protect_number("+44 7700 900001", Privacy("hash", b"key"))
    'e938b4b81033a4abcffde4ea8f5f3bde'
    """
    if privacy.mode == "keep" or HASH.fullmatch(text):
        return text
    digits = digits_of(text)
    if MASK in text and len(digits) < _TAIL:
        return text
    if privacy.mode == "mask":
        return mask_number(digits) or MASK * len(text)
    message = (digits or text).encode("utf-8", "surrogatepass")
    return hmac.digest(privacy.key, message, "sha256")[:16].hex()


def mask_number(digits: str) -> str:
    """Mask all but the calling code and the last two digits; all of a short number."""
    code = calling_code(digits)
    hidden = len(digits) - len(code) - 2
    return code + MASK * hidden + digits[-2:] if hidden > 0 else MASK * len(digits)


def mask_runs(text: str) -> str:
    """Mask each run of seven or more digits in a text, encoded digits included.

    Examples
    --------
    >>> mask_runs("call 447700900001 or %34%34%37700900001, code 123456")
    'call 44********01 or 44********01, code 123456'
    """
    return RUN.sub(lambda run: mask_number(digits_of(run[0])), text)


def mask_numbers(text: str) -> str:
    """Mask each number of seven or more digits in a text, in any spelling.

    Examples
    --------
    >>> mask_numbers("call +44 7700 900001 on 2026-11-24 08:00")
    'call +44********01 on 2026-11-24 08:00'
    """
    return _hide(text, _NUMBER, frozenset(), mask_number, mask_number)


def _hide(
    text: str,
    pattern: re.Pattern[str],
    tails: frozenset[str],
    recipient: _Rule,
    other: _Rule | None,
) -> str:
    """Replace the recipient's digits by one rule, other numbers by another."""
    if len(text) < _TAIL:
        return text

    def hidden(match: re.Match[str]) -> str:
        digits = digits_of(match[0])
        if any(tail in digits for tail in tails):
            return recipient(digits)
        return match[0] if other is None or match["kept"] else other(digits)

    return pattern.sub(hidden, text)


def protect(parameters: Parameters, privacy: Privacy) -> Parameters:
    """Convert parameters to the form in which they are stored.

    The recipient's number is hashed or masked, also inside other fields, and so are other numbers
    in client-ref; in unknown and unreadable fields other numbers are masked. The sender stays: of
    an SMS receipt (with ``msisdn``) its ``to``, of a status webhook its ``from``.

    Examples
    --------
    >>> protect(
    ...     {"msisdn": "447700900001", "client-ref": "for +44 7700 900001", "x": {"y": "1234567"}},
    ...     Privacy("mask"),
    ... )
    {'msisdn': '44********01', 'client-ref': 'for +44********01', 'x': {'y': '1****67'}}
    """
    if privacy.mode == "keep":
        return parameters
    rules = _rules(parameters, privacy)
    protected: dict[str, Value] = {}
    for name, value in parameters.items():
        stored_name = name if name in rules else rules[""](name)
        append_value(protected, stored_name, _protected(value, name, rules))
    return protected


_ID_NAMES: Final = ("message_uuid", "messageId", "message-id", "message_id")


def _read_key(text: str) -> str | None:
    """An API key; None for a text that is too long for one."""
    return text if len(text) <= 8 else None


def _read_usual_price(text: str) -> object:
    """Read a price; None for one of 1,000 or more with seven digits: a number."""
    price = read_price(text)
    if price is None or (abs(price) >= 1000 and sum(map(str.isdigit, text)) >= _TAIL):
        return None
    return price


_WEBHOOK_FIELDS: Final[Mapping[str, str | _Reader]] = {
    "message_uuid": "id",
    "to": "number",
    "to.number": "number",
    "from": "own",
    "from.number": "own",
    "client_ref": "known",
    "api_key": _read_key,
    "timestamp": read_time,
    "usage.price": _read_usual_price,
}
"""The rule of each field of a status webhook by path: a name, or what must be able to read it."""

_SMS_FIELDS: Final[Mapping[str, str | _Reader]] = {
    **dict.fromkeys(_ID_NAMES[1:], "id"),
    "msisdn": "number",
    "to": "own",
    "client-ref": "known",
    "api-key": _read_key,
    "price": _read_usual_price,
    "scts": read_scts,
    "message-timestamp": read_time,
    "timestamp": read_epoch,
    "nonce": str,
    "sig": str,
}
"""The same of an SMS receipt."""


def _rules(parameters: Parameters, privacy: Privacy) -> Mapping[str, _Rule]:
    """Rule for the text of each field, by dotted path; ``""`` for unknown fields."""
    webhook = is_status_webhook(parameters)
    tails = _tails(parameters.get("to" if webhook else "msisdn"))
    sender = _own_sender(parameters, webhook=webhook)
    ids = [text_of(parameters.get(name)) or "" for name in _ID_NAMES]
    message_id = next(filter(str.strip, ids), None)

    def number(text: str) -> str:
        return protect_number(text, privacy)

    def known(text: str) -> str:
        return _hide(text, _NUMBER_IN_REF, tails, number, number)

    def unknown(text: str) -> str:
        return _hide(text, _NUMBER, tails, number, mask_number)

    def own(text: str) -> str:
        return _hide(text, _NUMBER, tails, number, None) if text == sender else known(text)

    def identity(text: str) -> str:
        return text if text == message_id else unknown(text)

    def readable(read: Callable[[str], object]) -> _Rule:
        return lambda text: unknown(text) if read(text) is None else text

    named = {"id": identity, "number": number, "own": own, "known": known}
    table = _WEBHOOK_FIELDS if webhook else _SMS_FIELDS
    return {
        "": unknown,
        **{
            path: named[rule] if isinstance(rule, str) else readable(rule)
            for path, rule in table.items()
        },
    }


def _own_sender(parameters: Parameters, *, webhook: bool) -> str | None:
    """The account's own sender; None where no field holds it, as in inbound messages."""
    if not webhook:
        return text_of(parameters.get("to")) if text_of(parameters.get("msisdn")) else None
    direction = text_of(parameters.get("direction")) or ""
    if direction.strip().lower() == "inbound" or is_inbound(parameters):
        return None
    sender = last(parameters.get("from"))
    return text_of(sender.get("number") if isinstance(sender, dict) else sender)


def _tails(recipient: Value) -> frozenset[str]:
    """Last digits of each number in the recipient's field."""
    if isinstance(recipient, list):
        return frozenset[str]().union(*[_tails(item) for item in recipient])
    if isinstance(recipient, dict):
        return _tails(recipient.get("number"))
    digits = digits_of(text_of(recipient) or "")
    return frozenset([digits[-_TAIL:]]) if len(digits) >= _TAIL else frozenset()


def _protected(value: Value, path: str, rules: Mapping[str, _Rule]) -> Value:
    if isinstance(value, str):
        text = rules.get(path, rules[""])(value)
        return value if text == value else text
    if isinstance(value, dict):
        members: dict[str, Value] = {}
        for name, member in value.items():
            append_value(members, rules[""](name), _protected(member, f"{path}.{name}", rules))
        return members
    if isinstance(value, list):
        return type(value)([_protected(item, path, rules) for item in value])
    return value
