"""Parsers of single fields, with values of real receipts and invented ones."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.fields import read_epoch, read_err_code, read_price, read_scts, read_time

PUSHED = datetime(2015, 6, 6, 10, 3, 25)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.03330000", "0.0333"),
        ("0.0333", "0.0333"),
        ("0", "0"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0.01", "-0.01"),
        (" 0.0333 ", "0.0333"),
        ("0,0333", "0.0333"),
        ("1,234", "1.234"),
        ("3.33e-2", "0.0333"),
        ("1E2", "100"),
        ("9999999999.99999999", "9999999999.99999999"),
        ("0.03330000000000000000000", "0.0333"),
    ],
)
def test_a_price_is_exact(text: str, price: str) -> None:
    assert read_price(text) == Decimal(price)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "free", "EUR 0.0333", "0.03 33", "0x1", "1_000", "1,234.56", "1,2,3", "--1"),
        *("NaN", "sNaN", "-nan123", "inf", "Infinity", "1e10", "1e400", "1e999999999999999999"),
        *("10000000000", "0.000000001", "0.123456789", "1e-9", "1e-999999999", "9" * 5000),
        *("٠.٥", "１", "0.0333\0", "\ud800"),
    ],
)
def test_what_is_no_decimal_18_8_is_no_price(text: str) -> None:
    assert read_price(text) is None


@pytest.mark.parametrize("text", ["0.0333", "1e-9", "1,5"])
def test_a_price_does_not_hang_on_the_ambient_decimal_context(text: str) -> None:
    expected = read_price(text)
    with localcontext() as context:
        context.prec = 1
        assert read_price(text) == expected


@given(st.decimals("-9999999999", "9999999999", places=8))
def test_every_decimal_18_8_comes_back_to_the_last_digit(price: Decimal) -> None:
    assert read_price(f"{price:f}") == price


@pytest.mark.parametrize(
    ("text", "code"), [("0", 0), ("99", 99), ("007", 7), (" 5 ", 5), ("-1", -1), ("32767", 32767)]
)
def test_an_err_code_is_a_whole_number(text: str, code: int) -> None:
    assert read_err_code(text) == code


@pytest.mark.parametrize(
    "text", ["", "x", "1.0", "1e1", "0x5", "1_0", "32768", "-32769", "٥", "--1", "9" * 5000, "5;"]
)
def test_what_does_not_fit_16_bits_is_no_err_code(text: str) -> None:
    assert read_err_code(text) is None


def test_scts_is_read_as_written_to_the_minute() -> None:
    assert read_scts("1810251310") == datetime(2018, 10, 25, 13, 10)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "20010114",
            "20181025131000",
            "261124075900",
            "1540468200000",
            "delivered",
            "",
            "181025131",
            " 810251310",
        ),
        *("1810251310\n", "1813251310", "1810321310", "1810252410", "1810251360", "1802291200"),
        *("１８１０２５１３１０", "18102513１0", "-810251310", "1810251.10"),
    ],
)
def test_what_is_not_ten_digits_of_a_real_minute_is_no_scts(text: str) -> None:
    assert read_scts(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2015-06-06 10:03:25",
        "2015-06-06T10:03:25",
        "2015-06-06T10:03:25Z",
        "2015-06-06T10:03:25.000Z",
        "2015-06-06T10:03:25.000000000Z",
        "2015-06-06 10:03:25+00:00",
        "2015-06-06 10:03:25 +0000",
        "2015-06-06 10:03:25 00:00",  # a "+" that nobody encoded in a query is a space
        "2015-06-06T12:03:25+02:00",
        "2015-06-06T06:33:25-0330",
        "2015-06-06 10:03:25 UTC",
        " 2015-06-06 10:03:25 ",
        "2015-06-06+10%3A03%3A25",  # URL-encoded twice
        "2015-06-06%2010%3A03%3A25",
        "2015-06-06+10:03:25",
    ],
)
def test_every_spelling_of_a_message_timestamp_is_the_same_moment(text: str) -> None:
    assert read_time(text) == PUSHED


def test_fractions_of_a_second_are_kept_to_the_microsecond() -> None:
    assert read_time("2015-06-06T10:03:25.1234567Z") == PUSHED.replace(microsecond=123456)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "now",
            "1433585005",
            "2015-06-06",
            "2015-06-06 10:03",
            "10:03:25",
            "06/06/2015 10:03",
        ),
        *(
            "2015-13-06 10:03:25",
            "2015-06-31 10:03:25",
            "2015-06-06 24:03:25",
            "0000-01-01 00:00:00",
        ),
        *("2015-W23-6T10:03:25", "2015-06-06T10:03+00", "20150606T100325", "2015-06-06 10:03:60"),
        *("2015-06-06 10:03:25 +99:00", "0001-01-01 00:00:00+01:00", "9999-12-31 23:59:59-01:00"),
        *("２０１５-06-06 10:03:25", "2015-06-06 10:03:25 CEST", "2015-06-06%", "%"),
    ],
)
def test_what_is_no_time_of_the_known_forms_is_none(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e9", "٠", "9" * 12, "9" * 5000])
def test_what_is_no_count_of_seconds_is_no_epoch(text: str) -> None:
    assert read_epoch(text) is None


@given(st.text())
def test_no_text_makes_a_reader_raise(text: str) -> None:
    for read in (read_price, read_err_code, read_scts, read_time, read_epoch):
        read(text)


@given(st.text("0123456789+-.,:eE %ZT_NaIinfx"))
def test_no_text_that_almost_fits_makes_a_reader_raise(text: str) -> None:
    for read in (read_price, read_err_code, read_scts, read_time, read_epoch):
        read(text)
