"""SMS API signatures: documented examples, those of an SDK, and invalid ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nexmo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.parameters import (
    Number,
    Parameters,
    ParsedRequest,
    Repeated,
    Value,
    parse_request,
)
from dlr_analytics.webhook.signature import (
    METHODS,
    has_valid_signature,
    matching_method,
    sign,
    signed_texts,
)

SECRET = b"my_secret_key_for_testing"
EXAMPLE = {
    "message-timestamp": "2013-11-21 15:27:30",
    "messageId": "020000001B0FE827",
    "msisdn": "14843472194",
    "text": "Test again",
    "timestamp": "1385047698",
    "to": "13239877404",
    "type": "text",
}
DOCUMENTED = {
    "md5hash": "d2e7b1dc968737c5998ad624e02f90b7",
    "md5": "DDEBD46008C2D4E93CCE578A332A52D5",
    "sha256": "DDB8397C2B90AAC7F3882D306475C9A5058C92322EEF43C92B298B6E0FC0D330",
}


def signed(parameters: Parameters, method: str = "sha256", reading: int = 0) -> Parameters:
    return {**parameters, "sig": sign(signed_texts(parameters)[reading], SECRET, method).decode()}


@pytest.mark.parametrize(("method", "sig"), DOCUMENTED.items())
def test_the_documented_example_is_signed_rightly(method: str, sig: str) -> None:
    assert has_valid_signature({**EXAMPLE, "sig": sig}, [SECRET], method)


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
@pytest.mark.parametrize(("method", "sig"), DOCUMENTED.items())
def test_the_digits_may_be_in_either_case(method: str, sig: str, case: Callable[..., Any]) -> None:
    assert has_valid_signature({**EXAMPLE, "sig": case(sig)}, [SECRET], method)


@pytest.mark.parametrize("name", EXAMPLE)
def test_a_changed_value_is_not_signed(name: str) -> None:
    sig = DOCUMENTED["sha256"]
    assert not has_valid_signature(
        {**EXAMPLE, name: EXAMPLE[name] + "1", "sig": sig}, [SECRET], "sha256"
    )


@pytest.mark.parametrize("name", EXAMPLE)
def test_a_missing_parameter_is_not_signed(name: str) -> None:
    rest = {n: v for n, v in EXAMPLE.items() if n != name}
    assert not has_valid_signature({**rest, "sig": DOCUMENTED["sha256"]}, [SECRET], "sha256")


def test_an_added_parameter_is_not_signed() -> None:
    added = {**EXAMPLE, "status": "delivered", "sig": DOCUMENTED["sha256"]}
    assert not has_valid_signature(added, [SECRET], "sha256")


@pytest.mark.parametrize(
    "sig",
    [
        *("", " ", "0", DOCUMENTED["sha256"][:-1], DOCUMENTED["sha256"] + "0", "é" * 64, "\0"),
        *(" " + DOCUMENTED["sha256"], "\udcff", "\ud800", Number("5"), None, True, [], {}),
        DOCUMENTED["sha256"].replace("D", "\uff24"),
    ],
)
def test_another_sig_is_wrong_and_does_not_raise(sig: Value) -> None:
    assert not has_valid_signature({**EXAMPLE, "sig": sig}, [SECRET], "sha256")


def test_a_call_without_a_sig_is_not_signed() -> None:
    assert not has_valid_signature(EXAMPLE, [SECRET], "sha256")


@pytest.mark.parametrize("secrets", [[SECRET, b"new"], [b"old", SECRET], [b"", b"x", SECRET]])
def test_every_live_secret_counts(secrets: list[bytes]) -> None:
    assert has_valid_signature({**EXAMPLE, "sig": DOCUMENTED["md5"]}, secrets, "md5")


def test_another_secret_does_not_count() -> None:
    assert not has_valid_signature({**EXAMPLE, "sig": DOCUMENTED["md5"]}, [b"old", b"new"], "md5")


def test_of_a_doubled_sig_the_last_counts() -> None:
    right, wrong = DOCUMENTED["md5"], "0" * 32
    assert has_valid_signature({**EXAMPLE, "sig": Repeated([wrong, right])}, [SECRET], "md5")
    assert not has_valid_signature({**EXAMPLE, "sig": Repeated([right, wrong])}, [SECRET], "md5")


def test_of_a_doubled_parameter_the_last_is_signed() -> None:
    doubled: Parameters = {
        **EXAMPLE,
        "type": Repeated(["unicode", "text"]),
        "sig": DOCUMENTED["md5"],
    }
    assert has_valid_signature(doubled, [SECRET], "md5")


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize("reading", [0, 1])
@pytest.mark.parametrize("method", METHODS)
def test_either_reading_of_empty_values_counts(
    method: str, reading: int, empty: str | None
) -> None:
    parameters = {**EXAMPLE, "client-ref": empty, "network-code": empty}
    assert has_valid_signature(signed(parameters, method, reading), [SECRET], method)


def test_ampersand_and_equals_sign_in_a_value_are_signed_as_underscore() -> None:
    assert signed_texts({"b": "x&y=z", "a": "1"}) == [b"&a=1&b=x_y_z"]


def test_names_are_sorted_in_code_point_order() -> None:
    names = dict.fromkeys(("b", "B", "a-b", "a", "a_b", "é", "ab"), "1")
    assert signed_texts(names) == ["&B=1&a=1&a-b=1&a_b=1&ab=1&b=1&é=1".encode()]


@pytest.mark.parametrize("literal", ["0.03330000", "0", "1e2", "-0.0"])
def test_a_json_number_is_signed_as_it_was_written(literal: str) -> None:
    call = parse_request(b"", b'{"price": %s, "ok": true}' % literal.encode())
    assert isinstance(call, ParsedRequest)
    assert signed_texts(call.parameters) == [f"&ok=true&price={literal}".encode()]


def test_bytes_that_are_no_utf8_are_signed_as_they_came() -> None:
    call = parse_request(b"to=caf%e9", b"")
    assert isinstance(call, ParsedRequest)
    assert signed_texts(call.parameters) == [b"&to=caf\xe9"]


@pytest.mark.parametrize("method", METHODS)
def test_the_method_that_would_match_is_found(method: str) -> None:
    assert matching_method(signed(EXAMPLE, method), [b"other", SECRET]) == method


def test_no_method_matches_a_wrong_secret() -> None:
    assert matching_method(signed(EXAMPLE), [b"other"]) is None


texts = st.text(st.characters(exclude_categories=["Cs"]))
calls = st.dictionaries(texts.filter(lambda name: name != "sig"), texts, max_size=8)


@given(calls, st.text("abcXYZ0189_-", min_size=1), st.sampled_from(METHODS), st.booleans())
def test_an_sdk_and_we_agree_on_what_is_signed(
    parameters: dict[str, Any], secret: str, method: str, tamper: bool
) -> None:
    sdk = nexmo.Client(
        key="k",
        secret="s",
        signature_secret=secret,
        signature_method=None if method == "md5hash" else method,
    )
    parameters = {**parameters, "timestamp": "1385047698"}
    call = {**parameters, "sig": sdk.signature(dict(parameters))}
    if tamper:
        call["timestamp"] = "1385047699"
    assert (
        has_valid_signature(call, [secret.encode()], method)
        is sdk.check_signature(call)
        is not tamper
    )
