"""Country calling codes have the right number of digits."""

from __future__ import annotations

import pytest

from dlr_analytics.webhook.phone_numbers import calling_code


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("12025550123", "1"),
        ("79990000000", "7"),
        ("447700900001", "44"),
        ("4915200000000", "49"),
        ("201000000000", "20"),
        ("27600000000", "27"),
        ("35312345678", "353"),
        ("3706000000", "370"),
        ("38160000000", "381"),
        ("420600000000", "420"),
        ("971500000000", "971"),
        ("88213000000", "882"),
        ("07700900001", ""),
        ("00447700900001", ""),
        ("", ""),
        ("4", "4"),
    ],
)
def test_a_number_begins_with_its_countrys_code(digits: str, code: str) -> None:
    assert calling_code(digits) == code
