"""Client addresses: a trusted proxy's header counts, a client's never."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.address import client_address, is_allowed, read_address

PROXY = "192.0.2.10"


@pytest.mark.parametrize(
    ("forwarded_for", "address"),
    [
        (None, PROXY),
        ("", PROXY),
        (" , ,", PROXY),
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.5, 198.51.100.7", "198.51.100.7"),
        ("203.0.113.5,198.51.100.7, 192.0.2.10", "198.51.100.7"),
        ("192.0.2.10", PROXY),
        ("198.51.100.7:5000", "198.51.100.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ('"[2001:db8::1]"', "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_right_most_address_that_is_not_the_proxys_own_is_the_callers(
    forwarded_for: str | None, address: str
) -> None:
    assert client_address(PROXY, forwarded_for) == ip_address(address)


def test_what_the_caller_wrote_to_the_left_is_not_believed() -> None:
    forged = "192.0.2.77, 192.0.2.78, 198.51.100.7"
    assert not is_allowed(client_address(PROXY, forged), [ip_network("192.0.2.0/24")])


@pytest.mark.parametrize(
    "entry", ["unknown", "_hidden", "198.51.100", "010.1.1.1", "1.2.3.4.5", "é"]
)
def test_an_entry_that_is_no_address_hides_the_caller_and_is_not_passed_over(entry: str) -> None:
    assert client_address(PROXY, f"198.51.100.7, {entry}") is None


@pytest.mark.parametrize("peer", ["", "unix:/run/x", "0", "localhost"])
def test_a_peer_without_an_address_is_on_no_list(peer: str) -> None:
    assert not is_allowed(client_address(peer, None), [ip_network("0.0.0.0/0"), ip_network("::/0")])


def test_a_scope_is_no_part_of_an_address() -> None:
    assert is_allowed(read_address("fe80::1%eth0"), [ip_network("fe80::/10")])


def test_an_address_of_another_family_is_in_no_range() -> None:
    assert not is_allowed(ip_address("2001:db8::1"), [ip_network("0.0.0.0/0")])


@given(st.text(), st.none() | st.text() | st.text("0123456789.:[], fa%"))
def test_no_text_makes_it_raise(peer: str, forwarded_for: str | None) -> None:
    is_allowed(client_address(peer, forwarded_for), [ip_network("0.0.0.0/0")])
