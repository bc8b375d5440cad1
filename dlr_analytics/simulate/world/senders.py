"""Messages: accounts, sender names, and numbers reserved for fiction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from random import Random
from typing import Final, Literal, NamedTuple

from dlr_analytics.simulate.world.clocks import to_time
from dlr_analytics.simulate.world.networks import Network
from dlr_analytics.simulate.world.traffic import Span

Transport = Literal["get", "form", "json", "messages"]


@dataclass(frozen=True, slots=True)
class Account:
    """An account and its transport; ``logged`` if its send times are in the send log."""

    api_key: str | None
    transport: Transport
    share: float
    hex_ids: bool
    logged: bool = True


JSON_ACCOUNT: Final = Account("abcd1234", "json", 0.55, hex_ids=False)
MESSAGES_ACCOUNT: Final = Account("abcd1234", "messages", 0.0, hex_ids=False)
ACCOUNTS: Final = (
    Account(None, "get", 0.15, hex_ids=True, logged=False),
    Account("efgh5678", "form", 0.30, hex_ids=True),
    JSON_ACCOUNT,
)
"""Two accounts of one company, and an older one without a send log."""

SENDERS: Final = ("AcmeInc", "Acme Shop", "Globex 2FA", "Initech", "12025550142", "447700900999")
HOSTILE_SENDERS: Final = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.com")',
    "\u202egnp.exe",
)
_HOSTILE: Final = 0.0005
_US_AREAS: Final = (202, 303, 404, 512, 617)


class Message(NamedTuple):
    """One message part; times in milliseconds of UTC."""

    message_id: str
    account: Account
    network: Network
    msisdn: str
    sender: str
    client_ref: str | None
    sent: int
    price: str


def compose(network: Network, sent: int, span: Span, rng: Random) -> Message:
    """Draw a message to a subscriber of a network, sent at a time of the span."""
    account = MESSAGES_ACCOUNT if network.messages_api else _account(rng)
    return Message(
        message_id=_message_id(account, rng),
        account=account,
        network=network,
        msisdn=_msisdn(network.numbers, rng),
        sender=rng.choice(HOSTILE_SENDERS if rng.random() < _HOSTILE else SENDERS),
        client_ref=_client_ref(sent, rng),
        sent=sent,
        price=_price(network, sent, span),
    )


def _account(rng: Random) -> Account:
    share = rng.random()
    for account in ACCOUNTS:
        share -= account.share
        if share < 0:
            return account
    return ACCOUNTS[-1]


def _message_id(account: Account, rng: Random) -> str:
    if account.hex_ids:
        return f"{rng.getrandbits(64):016X}"
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _msisdn(numbers: str, rng: Random) -> str:
    """Numbers for drama of Ofcom and Arcep, and North America's 555-0100 to 555-0199."""
    if numbers == "us":
        return f"1{rng.choice(_US_AREAS)}55501{int(rng.random() * 100):02d}"
    if numbers == "fr":
        return f"3363998{int(rng.random() * 10_000):04d}"
    return f"447700900{int(rng.random() * 1_000):03d}"


def _client_ref(sent: int, rng: Random) -> str | None:
    kind = rng.random()
    if kind < 0.5:
        return None
    if kind < 0.98:
        return f"order-{int(rng.random() * 1_000_000):06d}"
    return rng.choice(('{"cart": 7}', "a=1&b=2", "jane@example.com", f"sent {to_time(sent):%H:%M}"))


def _price(network: Network, sent: int, span: Span) -> str:
    change = network.new_price
    return change.price if change and sent >= span.at(change.begins) else network.price
