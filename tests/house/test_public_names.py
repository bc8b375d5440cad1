"""The public names."""

from __future__ import annotations

import dlr_analytics


def test_the_public_names_are_these() -> None:
    assert sorted(dlr_analytics.__all__) == [
        "Database",
        "DlrError",
        "Result",
        "__version__",
        "connect",
        "open",
    ]


def test_each_public_name_can_be_reached_and_is_documented() -> None:
    for name in dlr_analytics.__all__:
        thing = getattr(dlr_analytics, name)
        assert name == "__version__" or thing.__doc__, name


def test_dir_shows_the_public_names_only() -> None:
    assert dir(dlr_analytics) == sorted(dlr_analytics.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(dlr_analytics, "delivery_rate")
