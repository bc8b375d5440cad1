"""Recipients' numbers kept, hashed or masked before anything touches the disk.

What the settings do not keep is gone from the typed columns and from ``raw``: the number itself
wherever its digits stand, and every run of seven or more digits in what is not understood.
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
"""Digits by which a number is known again in another spelling: national, spaced, with a plus."""

# A digit as it is, percent-encoded any number of times, or escaped in JSON.
_DIGIT: Final = re.compile(r"\d|%(?:25)*3[0-9]|\\u003[0-9]")
_RUN: Final = re.compile(rf"(?:{_DIGIT.pattern}){{7,}}")
_SPELLED: Final = re.compile(r"\d(?:[\s().+/-]*\d){6,}")

_Leaf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Privacy:
    """How numbers are stored: ``keep``, ``hash`` with ``key``, or ``mask``."""

    mode: str = "keep"
    key: bytes = field(default=b"", repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> Privacy:
        """Privacy as the settings ``msisdn`` and ``msisdn_key`` say.

        Examples
        --------
        >>> Privacy.from_settings(Settings(msisdn="mask"))
        Privacy(mode='mask')
        """
        return cls(settings.msisdn, (settings.msisdn_key or "").encode())


def protect_number(text: str, privacy: Privacy) -> str:
    """A number as it is stored.

    Parameters
    ----------
    text : str
        A number in any spelling, encoded once more or not; its digits count. One that is masked
        already stays as it is.

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
    """Calling code and last two digits, the rest masked; a short number is masked whole."""
    code = calling_code(digits)
    hidden = len(digits) - len(code) - 2
    return code + MASK * hidden + digits[-2:] if hidden > 0 else MASK * len(digits)


def mask_runs(text: str) -> str:
    """Text in which each run of seven or more digits is masked, encoded digits included.

    Examples
    --------
    >>> mask_runs("call 447700900001 or %34%34%37700900001, code 123456")
    'call 44********01 or 44********01, code 123456'
    """
    return _RUN.sub(_mask_run, text)


def _mask_run(run: re.Match[str]) -> str:
    return mask_number(_digits("".join([digit[-1] for digit in _DIGIT.findall(run[0])])))


def _digits(text: str) -> str:
    """A text's digits, of any script, as 0 to 9, without the ``00`` that stands for a plus."""
    digits = "".join([c if c.isascii() else str(int(c)) for c in text if c.isdecimal()])
    return digits.removeprefix("00")


def protect(parameters: Parameters, privacy: Privacy) -> Parameters:
    """Parameters as they may be stored.

    The recipient's number is hashed or masked, also where it stands inside a field that is kept
    (a client-ref); a field that is not understood, or cannot be read, loses its runs of digits.

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
    leaves = _leaves(parameters, privacy)
    protected: Parameters = {}
    for name, value in parameters.items():
        shown = name if name in leaves else leaves[""](name)
        append_value(protected, shown, _protected(value, name, leaves))
    return protected


def _leaves(parameters: Parameters, privacy: Privacy) -> Mapping[str, _Leaf]:
    """What is done with the text of each field, by its dotted path; "" is any other field."""
    webhook = is_status_webhook(parameters)
    recipient = parameters.get("to" if webhook else "msisdn")
    tails = _tails(recipient)

    def number(text: str) -> str:
        return protect_number(text, privacy)

    def kept(text: str) -> str:
        return _SPELLED.sub(lambda run: number(run[0]) if _holds(run[0], tails) else run[0], text)

    def unknown(text: str) -> str:
        return mask_runs(kept(text)) if len(text) >= _TAIL else text

    def readable(read: Callable[[str], object]) -> _Leaf:
        return lambda text: unknown(text) if read(text) is None else text

    if webhook:
        return {
            "": unknown,
            "message_uuid": str,
            "to": number,
            "to.number": number,
            "from": kept,
            "from.number": kept,
            "client_ref": kept,
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
        "to": kept,
        "client-ref": kept,
        "api-key": str,
        "price": readable(read_price),
        "scts": readable(read_scts),
        "message-timestamp": readable(read_time),
        "timestamp": readable(read_epoch),
        "nonce": str,
        "sig": str,
    }


def _tails(recipient: Value) -> frozenset[str]:
    """The last digits of each number that a recipient's field holds."""
    if isinstance(recipient, list):
        return frozenset[str]().union(*[_tails(item) for item in recipient])
    if isinstance(recipient, dict):
        return _tails(recipient.get("number"))
    digits = _digits(text_of(recipient) or "")
    return frozenset([digits[-_TAIL:]]) if len(digits) >= _TAIL else frozenset()


def _holds(run: str, tails: frozenset[str]) -> bool:
    digits = _digits(run)
    return any(tail in digits for tail in tails)


def _protected(value: Value, path: str, leaves: Mapping[str, _Leaf]) -> Value:
    if isinstance(value, str):
        text = leaves.get(path, leaves[""])(value)
        return value if text == value else text
    if isinstance(value, dict):
        members: Parameters = {}
        for name, member in value.items():
            append_value(members, leaves[""](name), _protected(member, f"{path}.{name}", leaves))
        return members
    if isinstance(value, list):
        return type(value)([_protected(item, path, leaves) for item in value])
    return value
