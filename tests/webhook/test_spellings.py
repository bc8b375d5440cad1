"""A number is found in a text however its digits are encoded and separated."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.judge import Quarantine, Request, Rules, Store, judge
from dlr_analytics.webhook.phone_numbers import digits_of
from dlr_analytics.webhook.privacy import Privacy
from tests.support.receivers import PATH

NUMBER = "447700900123"
NOW = dt.datetime(2026, 11, 24, 8, 0)
ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda digit: digit,
    "percent": lambda digit: f"%3{digit}",
    "twice": lambda digit: f"%253{digit}",
    "JSON": lambda digit: rf"\u003{digit}",
    "Arabic": lambda digit: chr(0x660 + int(digit)),
    "Persian": lambda digit: chr(0x6F0 + int(digit)),
    "fullwidth": lambda digit: chr(0xFF10 + int(digit)),
}
SEPARATORS = [
    " ",
    "-",
    ".",
    "/",
    "_",
    "~",
    "'",
    "(0)",
    "\u00a0",
    "\u00ad",
    "\u00b7",
    "\u2009",
    "\u2060",
]
SPACED = [[12], [2, 4, 3, 3], [2, 2, 2, 2, 2, 2], [5, 7]]
PRIVACIES = [Privacy("mask"), Privacy("hash", b"key")]


@st.composite
def spellings(draw: st.DrawFn) -> str:
    encode = ENCODINGS[draw(st.sampled_from(sorted(ENCODINGS)))]
    separator = draw(st.sampled_from(SEPARATORS))
    text, start = "", 0
    for size in draw(st.sampled_from(SPACED)):
        text += (separator if start else "") + "".join(map(encode, NUMBER[start : start + size]))
        start += size
    return text


def stored(request: Request, privacy: Privacy) -> str:
    """All that is stored of a request, its escapes and separators undone."""
    verdict = judge(request, Rules(privacy=privacy), NOW)
    assert isinstance(verdict, Store | Quarantine)
    text = verdict.raw if isinstance(verdict, Quarantine) else repr(verdict.receipt)
    return digits_of(text.replace("(0)", ""))


@pytest.mark.parametrize("privacy", PRIVACIES, ids=str)
@given(spelled=spellings(), ascii_only=st.booleans(), name=st.sampled_from(["text", "x", "a"]))
def test_no_spelling_of_a_number_is_stored_of_what_is_quarantined(
    privacy: Privacy, spelled: str, ascii_only: bool, name: str
) -> None:
    body = json.dumps({name: {"b": spelled}, "c": spelled}, ensure_ascii=ascii_only)
    for request in (
        Request("POST", PATH, b"", {}, body.encode(), "::1"),
        Request("POST", PATH, b"", {}, f"[{body}]".encode(), "::1"),
        Request("GET", PATH, f"{name}={quote(spelled)}".encode(), {}, b"", "::1"),
    ):
        assert NUMBER[-7:] not in stored(request, privacy)


@pytest.mark.parametrize("privacy", PRIVACIES, ids=str)
@pytest.mark.parametrize("name", ["client-ref", "x", "price", "scts", "status", "network-code"])
@given(spelled=spellings())
def test_no_spelling_of_a_number_is_stored_of_a_receipt(
    name: str, privacy: Privacy, spelled: str
) -> None:
    receipt = {"messageId": "0A", "status": "delivered", "msisdn": "447700900555", name: spelled}
    for request in (
        Request("POST", PATH, b"", {}, json.dumps(receipt).encode(), "::1"),
        Request("GET", PATH, urlencode(receipt).encode(), {}, b"", "::1"),
    ):
        assert NUMBER[-7:] not in stored(request, privacy)


@pytest.mark.parametrize("privacy", PRIVACIES, ids=str)
@given(spelled=spellings())
def test_a_recipient_who_is_the_sender_too_is_protected(privacy: Privacy, spelled: str) -> None:
    receipt = {"messageId": "0A", "status": "delivered", "msisdn": spelled, "to": spelled}
    request = Request("POST", PATH, b"", {}, json.dumps(receipt).encode(), "::1")
    assert NUMBER[-7:] not in stored(request, privacy)


@given(spellings())
def test_the_digits_of_a_spelling_are_those_of_the_number(spelled: str) -> None:
    assert digits_of(spelled.replace("(0)", "")) == NUMBER


@pytest.mark.parametrize(
    "spelled", ["+44 (0) 7700 900123", "+44(0)7700900123", "0044-(0)7700.900123"]
)
def test_a_trunk_prefix_in_brackets_is_no_digit_of_a_number(spelled: str) -> None:
    assert digits_of(spelled) == NUMBER
