"""Parsing of requests: no data is lost, and no input makes it raise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.encoding import escape_surrogates
from dlr_analytics.webhook.parameters import (
    MAX_DEPTH,
    Malformed,
    Number,
    ParsedRequest,
    Repeated,
    parse_form,
    parse_request,
    to_json,
)


def parsed(query: bytes = b"", body: bytes = b"") -> ParsedRequest:
    call = parse_request(query, body)
    assert isinstance(call, ParsedRequest)
    return call


@pytest.mark.parametrize(
    ("query", "body", "transport"),
    [
        (b"a=1", b"", "get"),
        (b"", b"a=1", "form"),
        (b"", b'{"a":"1"}', "json"),
        (b"b=2", b'{"a":"1"}', "json"),
    ],
)
def test_transport_depends_on_the_place_of_the_parameters(
    query: bytes, body: bytes, transport: str
) -> None:
    assert parsed(query, body).transport == transport


def test_query_beside_a_form_is_joined_and_the_body_comes_last() -> None:
    assert parsed(b"a=1&b=2", b"a=3&c=4").parameters == {"a": Repeated("13"), "b": "2", "c": "4"}


def test_query_beside_json_is_joined_and_the_body_comes_last() -> None:
    assert parsed(b"a=1&a=2&b=2", b'{"a":"3"}').parameters == {"a": Repeated("123"), "b": "2"}


def test_parameters_of_the_body_are_available_beside_the_merged_ones() -> None:
    assert parsed(b"a=1", b"a=3").body == {"a": "3"}


def test_plus_and_percent_are_decoded_in_names_and_values() -> None:
    assert parse_form("client%2Dref=a+b%26c%3D%C3%A9") == {"client-ref": "a b&c=é"}


def test_a_name_without_a_value_is_empty_and_empty_pieces_are_nothing() -> None:
    assert parse_form("&&a&b=&c==1&") == {"a": "", "b": "", "c": "=1"}


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b" \r\n\t", b"\xef\xbb\xbf \n"])
def test_json_begins_with_a_brace_after_a_byte_order_mark_and_white_space(before: bytes) -> None:
    assert parsed(body=before + b'{"a":"1"}').parameters == {"a": "1"}


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_json_is_read_in_every_encoding_that_json_ever_had(encoding: str) -> None:
    text = '{"to":"Café"}'
    mark = "\ufeff" if encoding.endswith(("-le", "-be")) and encoding != "utf-32-be" else ""
    assert parsed(body=text.encode(encoding)).parameters == {"to": "Café"}
    assert parsed(body=(mark + text).encode(encoding)).parameters == {"to": "Café"}


@pytest.mark.parametrize("literal", ["0.03330000", "1e400", "-0", "9" * 5000, "1E-2", "NaN"])
def test_a_json_number_keeps_its_literal_text(literal: str) -> None:
    value = parsed(body=b'{"price":%s}' % literal.encode()).parameters["price"]
    assert value == literal
    assert type(value) is Number


def test_a_json_number_is_in_raw_as_written() -> None:
    assert to_json(parsed(body=b'{"price": 0.03330000, "err-code": 0}').parameters) == (
        '{"price":0.03330000,"err-code":0}'
    )


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_lacks_is_text_in_raw(word: str) -> None:
    parameters = parsed(body=b'{"price": %s}' % word.encode()).parameters
    assert json.loads(to_json(parameters), parse_constant=pytest.fail) == {"price": word}


def test_a_repeated_json_key_keeps_all_values_also_inside_an_object() -> None:
    call = parsed(body=b'{"a":"1","o":{"x":1,"x":null},"a":"2"}')
    assert call.parameters == {"a": Repeated("12"), "o": {"x": Repeated(["1", None])}}


def test_raw_holds_all_values_of_a_repeated_name_in_order() -> None:
    assert to_json(parsed(b"a=1&b=x&a=2", b"a=3").parameters) == '{"a":["1","2","3"],"b":"x"}'


@pytest.mark.parametrize("body", [b"{", b'{"a":', b'{"a":1}}', b"{a:1}", b'{"a":"1"', b"{\xff}"])
def test_a_brace_that_opens_no_json_is_broken_and_does_not_quote_what_came(body: bytes) -> None:
    call = parse_request(b"", body)
    assert isinstance(call, Malformed)
    assert call.reason.startswith("not JSON: ")


@pytest.mark.parametrize("opening", [b'{"a":', b'{"a":[', b"{{{", b'{"a":[[['])
def test_json_nested_beyond_reason_is_broken_and_does_not_exhaust_the_stack(opening: bytes) -> None:
    assert isinstance(parse_request(b"", opening * 10_000), Malformed)


def test_json_may_nest_as_deep_as_the_limit_and_no_deeper() -> None:
    def nested(depth: int) -> bytes:
        return b'{"a":' * depth + b"1" + b"}" * depth

    assert isinstance(parse_request(b"", nested(MAX_DEPTH)), ParsedRequest)
    assert isinstance(parse_request(b"", nested(MAX_DEPTH + 1)), Malformed)


def test_brackets_inside_text_are_no_nesting() -> None:
    text = '[{"\\' * 200
    assert parsed(body=json.dumps({"client-ref": text}).encode()).parameters == {"client-ref": text}


def test_control_characters_and_nul_inside_json_text_are_read() -> None:
    assert parsed(body=b'{"a":"x\n\\u0000y"}').parameters == {"a": "x\n\0y"}


def test_an_array_is_no_json_object_and_so_a_form() -> None:
    assert parsed(body=b'[{"messageId":"A"}]').transport == "form"


def test_a_byte_that_is_not_utf8_is_escaped_in_raw() -> None:
    assert escape_surrogates(to_json(parsed(b"to=caf%e9&x=\xff").parameters)) == (
        r'{"to":"caf\\xe9","x":"\\xff"}'
    )


def test_half_a_surrogate_pair_is_escaped_in_raw() -> None:
    parameters = parsed(body=rb'{"to":"\ud83d", "smile":"\ud83d\ude00"}').parameters
    assert escape_surrogates(to_json(parameters)) == r'{"to":"\\ud83d","smile":"😀"}'


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_any_bytes_are_read_and_raw_is_json_that_a_strict_reader_takes(
    query: bytes, body: bytes
) -> None:
    call = parse_request(query, body)
    if isinstance(call, ParsedRequest):
        raw = escape_surrogates(to_json(call.parameters))
        assert list(json.loads(raw.encode(), parse_constant=pytest.fail)) == [
            json.loads(escape_surrogates(to_json(name))) for name in call.parameters
        ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values, max_size=6))
def test_raw_of_a_json_body_is_the_body(values: dict[str, Any]) -> None:
    body = json.dumps(values).encode()
    assert json.loads(to_json(parsed(body=body).parameters)) == values
