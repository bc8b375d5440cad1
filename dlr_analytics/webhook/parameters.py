"""Parameters of a request: query, form and JSON are parsed into one mapping.

Values stay as written: numbers keep their literal text and repeated names all their values, since
signatures are computed over them and ``raw`` stores them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from typing import Final, TypeAlias
from urllib.parse import unquote

from dlr_analytics.webhook.encoding import decode

MAX_DEPTH: Final = 64
"""JSON nested deeper than this is malformed: a bound on the recursion of the parser."""

BLANK: Final = " \t\r\n\ufeff"
"""Characters skipped at the start of a body: white space and a byte order mark."""

_NOT_JSON: Final = frozenset({"NaN", "Infinity", "-Infinity"})
_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


class Number(str):
    """A JSON number with its literal text, such as ``0.03330000`` or ``1e400``."""

    __slots__ = ()


class Repeated(list["Value"]):
    """All values of a name that occurs more than once, in order; the last one counts."""

    __slots__ = ()


Value: TypeAlias = "str | bool | list[Value] | Mapping[str, Value] | None"
"""A parameter's value: from a query or form always ``str`` or ``Repeated``."""

Parameters: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """The parameters of one request.

    ``parameters`` holds those of query and body merged, ``body`` those of the body alone;
    ``transport`` is ``get`` (no body), ``form`` or ``json``.
    """

    parameters: Parameters
    body: Parameters
    transport: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body that starts like JSON and is invalid; ``reason`` does not quote it."""

    reason: str


def parse_request(query: bytes, body: bytes) -> ParsedRequest | Malformed:
    """Parse a query and a body into parameters.

    The content type is ignored: a body that starts with ``{`` is JSON, any other a form. A name
    in both keeps all values; the body's comes last, so it counts.

    Parameters
    ----------
    query : bytes
        The part after the ``?``, percent-encoded.
    body : bytes
        UTF-8, with a byte order mark or not, or UTF-16 or UTF-32 if it is JSON.

    Examples
    --------
    >>> parse_request(b"to=Acme+Ltd&price=1", b'{"price": 0.0333}').parameters
    {'to': 'Acme Ltd', 'price': ['1', '0.0333']}
    >>> parse_request(b"", b'{"price": ')
    Malformed(reason='not JSON: Expecting value at character 10')
    """
    in_query = parse_form(query.decode("utf-8", "surrogateescape")) if query else {}
    if not body:
        return ParsedRequest(in_query, {}, "get")
    text = decode(body).lstrip(BLANK)
    if not text.startswith("{"):
        in_body = parse_form(text.rstrip("\r\n"))
        return ParsedRequest(_merged(in_query, in_body), in_body, "form")
    parsed = parse_json(text)
    if isinstance(parsed, Malformed):
        return parsed
    return ParsedRequest(_merged(in_query, parsed), parsed, "json")


def parse_form(text: str) -> Parameters:
    """Parse a query or form; values are decoded, order is preserved.

    Examples
    --------
    >>> parse_form("a=1&b=x%20y&a=2&&c")
    {'a': ['1', '2'], 'b': 'x y', 'c': ''}
    """
    values: dict[str, Value] = {}
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            if "%" in part or "+" in part:
                name, value = unquote_form(name), unquote_form(value)
            append_value(values, name, value)
    return values


def unquote_form(text: str) -> str:
    """Decode percent-encoding and ``+`` once."""
    if "+" in text:
        text = text.replace("+", " ")
    return unquote(text, errors="surrogateescape") if "%" in text else text


def parse_json(text: str) -> Parameters | Malformed:
    """Parse the text of a JSON object.

    Examples
    --------
    >>> parse_json('{"err-code": 0, "status": null, "status": "delivered"}')
    {'err-code': '0', 'status': [None, 'delivered']}
    """
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return Malformed(f"not JSON that can be read: nested deeper than {MAX_DEPTH} levels")
    try:
        parsed = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        return Malformed(f"not JSON: {error.msg.removesuffix(' at')} at character {error.pos}")
    return parsed if isinstance(parsed, dict) else Malformed("not a JSON object")


def _depth(text: str) -> int:
    """Nesting depth of the brackets outside strings."""
    deepest = depth = 0
    for bracket in _BRACKETS.findall(text):
        depth += (bracket in "[{") - (bracket in "]}")
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Value]]) -> Parameters:
    values = dict(pairs)
    if len(values) != len(pairs):
        values = {}
        for name, value in pairs:
            append_value(values, name, value)
    return values


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=Number,
    parse_float=Number,
    parse_constant=Number,
    strict=False,
)


def append_value(values: dict[str, Value], name: str, value: Value) -> None:
    """Add a value under a name, after any values it already has."""
    if name not in values:
        values[name] = value
        return
    earlier = values[name]
    if isinstance(earlier, Repeated):
        earlier.append(value)
    else:
        values[name] = Repeated((earlier, value))


def _merged(query: Parameters, body: Parameters) -> Parameters:
    if not query:
        return body
    values = dict(query)
    for name, value in body.items():
        values[name] = (
            Repeated(all_values(values[name]) + all_values(value)) if name in values else value
        )
    return values


def all_values(value: Value) -> list[Value]:
    """List all values of one name, in order."""
    return list(value) if isinstance(value, Repeated) else [value]


def last(value: Value) -> Value:
    """Return the value that counts: the last one of a repeated name.

    Examples
    --------
    >>> last(Repeated(["1", "2"])), last(["1", "2"]), last("1")
    ('2', ['1', '2'], '1')
    """
    return value[-1] if isinstance(value, Repeated) else value


def text_of(value: Value) -> str | None:
    """Return the literal text of a value; None for null, a list or an object.

    Examples
    --------
    >>> text_of(Number("0.0333")), text_of(True), text_of(None), text_of({})
    ('0.0333', 'true', None, None)
    """
    value = last(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


def to_json(value: Value) -> str:
    """Serialize a value as compact JSON; numbers keep their literal text.

    The text has lone surrogates if the value does, see :mod:`dlr_analytics.webhook.encoding`.

    Examples
    --------
    >>> print(to_json({"to": "Café", "price": Number("0.0330"), "x": Number("NaN")}))
    {"to":"Café","price":0.0330,"x":"NaN"}
    """
    if isinstance(value, str):
        bare = type(value) is Number and value not in _NOT_JSON
        return str(value) if bare else _quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{_quoted(n)}:{to_json(v)}" for n, v in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([to_json(item) for item in value]) + "]"
    return "null" if value is None else "true" if value else "false"
