"""Hashing or masking of recipients' numbers, before anything is written to disk.

The recipient's number is removed from the typed columns and from ``raw``, and also from inside
other fields, where it is recognized by its last seven digits in any spelling. Fields that are
unknown or unreadable may hold other people's numbers: each run of seven or more digits is masked.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dlr_analytics.settings import Settings
from dlr_analytics.webhook.calling_codes import calling_code
from dlr_analytics.webhook.fields import read_epoch, read_price, read_scts, read_time
from dlr_analytics.webhook.messages_api import is_status_webhook
from dlr_analytics.webhook.parameters import Parameters, Value, append_value, text_of, unquote_form

MASK: Final = "*"

_TAIL: Final = 7
"""Last digits that identify a number in any spelling: national, spaced, with a plus."""

# A digit as it is, percent-encoded any number of times, or escaped in JSON.
_DIGIT: Final = re.compile(r"\d|%(?:25)*3[0-9]|\\u003[0-9]")
_RUN: Final = re.compile(rf"(?:{_DIGIT.pattern}){{7,}}")
_FORMATTED: Final = re.compile(r"\d(?:[\s().+/-]*\d){6,}")

_Rule = Callable[[str], str]


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
        A number in any spelling, percent-encoded or not; only its digits count. A masked number
        is returned unchanged.

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
    if privacy.mode == "keep":
        return text
    digits = _digits(unquote_form(text))
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
    return _RUN.sub(_mask_run, text)


def _mask_run(run: re.Match[str]) -> str:
    return mask_number(_digits("".join([digit[-1] for digit in _DIGIT.findall(run[0])])))


def _digits(text: str) -> str:
    """Digits of a text, of any script, as 0 to 9, without a leading ``00``."""
    digits = "".join([c if c.isascii() else str(int(c)) for c in text if c.isdecimal()])
    return digits.removeprefix("00")


def protect(parameters: Parameters, privacy: Privacy) -> Parameters:
    """Convert parameters to the form in which they are stored.

    The recipient's number is hashed or masked, also inside known fields such as client-ref; in
    unknown and unreadable fields each run of seven or more digits is masked.

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


def _rules(parameters: Parameters, privacy: Privacy) -> Mapping[str, _Rule]:
    """Rule for the text of each field, by dotted path; ``""`` for unknown fields."""
    webhook = is_status_webhook(parameters)
    recipient = parameters.get("to" if webhook else "msisdn")
    tails = _tails(recipient)

    def number(text: str) -> str:
        return protect_number(text, privacy)

    def known(text: str) -> str:
        return _FORMATTED.sub(
            lambda run: number(run[0]) if _contains(run[0], tails) else run[0], text
        )

    def unknown(text: str) -> str:
        return mask_runs(known(text)) if len(text) >= _TAIL else text

    def readable(read: Callable[[str], object]) -> _Rule:
        return lambda text: unknown(text) if read(text) is None else text

    if webhook:
        return {
            "": unknown,
            "message_uuid": str,
            "to": number,
            "to.number": number,
            "from": known,
            "from.number": known,
            "client_ref": known,
            "api_key": str,
            "timestamp": readable(read_time),
            "usage.price": readable(read_price),
        }
    return {
        "": unknown,
        "messageId": str,
        "message-id": str,
        "message_id": str,
        "msisdn": number,
        "to": known,
        "client-ref": known,
        "api-key": str,
        "price": readable(read_price),
        "scts": readable(read_scts),
        "message-timestamp": readable(read_time),
        "timestamp": readable(read_epoch),
        "nonce": str,
        "sig": str,
    }


def _tails(recipient: Value) -> frozenset[str]:
    """Last digits of each number in the recipient's field."""
    if isinstance(recipient, list):
        return frozenset[str]().union(*[_tails(item) for item in recipient])
    if isinstance(recipient, dict):
        return _tails(recipient.get("number"))
    digits = _digits(text_of(recipient) or "")
    return frozenset([digits[-_TAIL:]]) if len(digits) >= _TAIL else frozenset()


def _contains(run: str, tails: frozenset[str]) -> bool:
    digits = _digits(run)
    return any(tail in digits for tail in tails)


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
