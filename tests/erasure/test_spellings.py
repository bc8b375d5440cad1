"""A number is found in every spelling, and masked; longer and shorter ones stay."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.erasure.numbers import read_numbers
from dlr_analytics.erasure.spellings import Finder
from dlr_analytics.errors import UnreadableValue

NUMBER = "447700900123"
FINDER = Finder([NUMBER])
BETWEEN = st.sampled_from(["", " ", "-", ".", "/", " (", ") ", "\u00a0", "_", "\u2011", "'"])
OTHERS = [NUMBER + "4", "1" + NUMBER, NUMBER[:-1], NUMBER[1:], "447700900124"]


def percent(text: str) -> str:
    """Every character percent-encoded, in UTF-8."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def escaped(text: str) -> str:
    """Every character escaped as in JSON."""
    return "".join(f"\\u{ord(character):04x}" for character in text)


def in_json(text: str) -> str:
    """As a text in JSON."""
    return json.dumps(text)


def in_arabic(text: str) -> str:
    """With Arabic digits."""
    return text.translate({ord("0") + n: 0x660 + n for n in range(10)})


ENCODINGS = st.lists(st.sampled_from([percent, escaped, in_json]), max_size=3)


@st.composite
def spellings(draw: st.DrawFn, number: str = NUMBER) -> str:
    """The number in any spelling that is no encoding."""
    groups = [number[:2], number[2:6], number[6:]]
    written = draw(st.sampled_from(["", "+", "00", "tel:+"])) + groups[0]
    written += draw(st.sampled_from(["", "(0)", " (0) "]))
    written += draw(BETWEEN) + groups[1] + draw(BETWEEN) + groups[2]
    return draw(st.sampled_from([written, in_arabic(written)]))


@given(spellings(), ENCODINGS, st.sampled_from(["", " ", "x", "2026-11-24 ", "a=1&b="]))
def test_every_spelling_in_every_encoding_is_found_and_masked(
    spelling: str, encodings: list[Callable[[str], str]], before: str
) -> None:
    for encode in encodings:
        spelling = encode(spelling)
    text = f"{before}{spelling}; 1"
    assert FINDER.holds(text)
    masked = FINDER.mask(text)
    assert not FINDER.holds(masked)
    assert masked.startswith(before)


@pytest.mark.parametrize("text", ["4.47700900001E+11", "4.47700900001e11", "44770090000.1e1"])
def test_a_number_with_an_exponent_is_found_in_any_text(text: str) -> None:
    finder = Finder(["447700900001"])
    for whole in (text, f'{{"x":{text}}}', f"to={text}"):
        assert finder.holds(whole)
        assert not finder.holds(finder.mask(whole))
    assert not finder.holds("4.47700900002E+11")


@given(st.sampled_from(OTHERS), ENCODINGS)
def test_longer_and_shorter_numbers_stay(other: str, encodings: list[Callable[[str], str]]) -> None:
    for encode in encodings:
        other = encode(other)
    assert not FINDER.holds(other)
    assert FINDER.mask(other) == other


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.text(st.characters(codec="ascii"), max_size=6),
)
PLANTED = st.one_of(spellings(), st.just(int(NUMBER)))


@given(
    st.recursive(
        LEAVES | PLANTED,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=4), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_json_stays_json_and_keeps_the_rest(value: object) -> None:
    text = json.dumps({"a": value}, ensure_ascii=False)
    masked = FINDER.mask(text)
    assert not FINDER.holds(masked)
    found = json.loads(masked)["a"]
    if not FINDER.holds(text):
        assert found == value


def test_it_is_quick_with_hostile_texts() -> None:
    for text in ("\\" * 60_000, "%25" * 20_000, "1 " * 30_000, "%5C" * 20_000, "\\u0025" * 10_000):
        assert not FINDER.holds(text)


@pytest.mark.parametrize(
    "text",
    ["+44 7700 900123", "00447700900123", "44 (0) 7700 900123", "%2B447700900123", "tel: x"[:0]],
)
def test_a_number_is_given_in_any_spelling(text: str) -> None:
    if text:
        assert read_numbers([text]).digits == {NUMBER}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("07700900123", "without its country"),
        ("Acme", "neither a number nor a hash"),
        ("Acme 447700900123", "neither a number nor a hash"),
        ("44770", "neither a number nor a hash"),
        ("4477009001234567", "has 16 digits"),
        ("e938b4b81033a4abcffde4ea8f5f3bd", "neither a number nor a hash"),
        ("e938b4b81033a4abcffde4ea8f5f3bdee", "neither a number nor a hash"),
        ("", "neither a number nor a hash"),
    ],
)
def test_what_is_no_number_with_its_country_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableValue, match=reason):
        read_numbers([text])


@pytest.mark.parametrize("text", ["+44 07700 900123", "004407700900123", "44-0-7700-900123"])
def test_a_trunk_zero_behind_the_country_is_no_other_number(text: str) -> None:
    """The number is forgotten as it is dialled, and as it was written."""
    assert read_numbers([text]).digits == {NUMBER, "4407700900123"}


@pytest.mark.parametrize("text", ["+39 07700900123", "+225 07700900123", "+800 07700900"])
def test_a_zero_that_belongs_to_the_number_stays(text: str) -> None:
    (number,) = read_numbers([text]).digits
    assert number == "".join(filter(str.isdigit, text))
