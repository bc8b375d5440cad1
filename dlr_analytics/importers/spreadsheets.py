"""Codes that a spreadsheet or pandas has turned into numbers, as ``23410.0``.

A column of codes with an empty cell becomes one of floats. Leading zeros are lost then, so a float
is a code again only where there were none: a recipient's number (in international form), a network
(country codes begin with 2 to 9), an error code, a count, and ``scts`` of full length. A message
ID, a sender and an API key may begin with zeros: such a record is refused. A client reference is
the account's own text, which may be written so; it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar, cast

from dlr_analytics.importers.fields import plain_name, quoted
from dlr_analytics.webhook.parameters import Parameters, last

T = TypeVar("T")

_FLOAT: Final = re.compile(r"([0-9]+)[.,]0+", re.ASCII)

_NUMBER: Final = "[1-9][0-9]{7,14}"
_NETWORK: Final = "[2-9][0-9]{4,5}"
_COUNT: Final = "[0-9]{1,4}"
_SCTS: Final = "(?:[0-9]{2}){5,6}"
_RESTORED: Final = {
    "msisdn": _NUMBER,
    "network": _NETWORK,
    "networkcode": _NETWORK,
    **dict.fromkeys(("errcode", "errorcode", "status", "part", "parts"), _COUNT),
    "scts": _SCTS,
    "sctsraw": _SCTS,
}
"""Pattern of the codes that are restored, by plain name."""

_REFUSED: Final = frozenset(
    {
        *("messageid", "messageuuid", "smsid", "apikey", "accountid", "from", "sender", "to"),
        *("msisdn", "network", "networkcode"),
    }
)
"""Plain names of codes that may have lost zeros, if they are not restored."""


def restore_codes(record: Mapping[str, T], *, is_sent: bool = False) -> Mapping[str, T]:
    """Restore the codes of a record that are integer-valued floats; nested ones too.

    Parameters
    ----------
    record : mapping
        Values by name in any spelling.
    is_sent : bool
        Whether ``to`` is the recipient, as in records of sending; else it is where the record has a
        sender under another name.

    Raises
    ------
    ValueError
        If such a code may have lost zeros.

    Examples
    --------
    >>> restore_codes({"network-code": "23410.0", "price": "1.0"})
    {'network-code': '23410', 'price': '1.0'}
    >>> restore_codes({"messageId": "123456.0"})
    Traceback (most recent call last):
    ValueError: messageId '123456.0' was turned into a number by a spreadsheet and may have ...
    """
    if all(map(_is_plain, record.values())):  # as nearly always: a third of the time
        return record
    names = {plain_name(name) for name in record}
    patterns = _RESTORED
    if is_sent or not names.isdisjoint({"from", "sender", "messageuuid"}):
        patterns = patterns | {"to": _NUMBER}
    return {name: _restored(name, value, patterns) for name, value in record.items()}


def _is_plain(value: object) -> bool:
    """Whether a value is none that a spreadsheet may have turned into a float."""
    return value is None or (isinstance(value, str) and _FLOAT.fullmatch(value.strip()) is None)


def _restored(name: str, value: T, patterns: Mapping[str, str]) -> T:
    inner: object = last(value)  # type: ignore[arg-type]
    if isinstance(inner, dict):
        return cast("T", restore_codes(cast("Parameters", inner))) if inner is value else value
    plain = plain_name(name)
    if plain not in patterns and plain not in _REFUSED:
        return value
    text = str(inner).strip() if isinstance(inner, str | float) else ""
    match = _FLOAT.fullmatch(text)
    if match is None:
        return value
    if plain in patterns and re.fullmatch(patterns[plain], match[1]):
        return cast("T", match[1])
    if plain not in _REFUSED:
        return value
    raise ValueError(
        f"{name} {quoted(text)} was turned into a number by a spreadsheet and may have lost zeros;"
        " export the column again, as text"
    )
