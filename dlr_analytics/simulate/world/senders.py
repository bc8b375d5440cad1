"""Messages: accounts, sender names, and numbers reserved for fiction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal, NamedTuple

from dlr_analytics.simulate.world.clocks import to_time
from dlr_analytics.simulate.world.conditions import Conditions
from dlr_analytics.simulate.world.incidents import Campaign
from dlr_analytics.simulate.world.networks import Network
from dlr_analytics.simulate.world.parameters import Sender

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

NAMES: Final = ("AcmeInc", "Acme Shop", "Globex 2FA", "Initech", "12025550142", "447700900999")
HOSTILE_SENDERS: Final = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.com")',
    "\u202egnp.exe",
)
_HOSTILE: Final = 0.0005
DAYTIME: Final = range(9, 20)
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


class Occasion(NamedTuple):
    """When and why a message is sent: ``local`` is the hour on the subscriber's clock."""

    network: Network
    sent: int
    local: int
    campaign: Campaign | None = None


def compose(
    occasion: Occasion, senders: Sequence[Sender], conditions: Conditions, rng: Random
) -> Message:
    """Draw a message to a subscriber."""
    network, sent, _, _ = occasion
    account = MESSAGES_ACCOUNT if network.messages_api else _account(rng)
    message_id = _message_id(account, rng)
    msisdn = _msisdn(network.numbers, rng)
    sender, client_ref = _signature(occasion, senders, rng)
    price = conditions.price(network.price, network.code, sender, sent)
    return Message(message_id, account, network, msisdn, sender, client_ref, sent, price)


def repeat(message: Message, sent: int, conditions: Conditions, rng: Random) -> Message:
    """Draw the message that is sent when the user asks again for this one."""
    price = conditions.price(message.network.price, message.network.code, message.sender, sent)
    return message._replace(message_id=_message_id(message.account, rng), sent=sent, price=price)


def _signature(
    occasion: Occasion, senders: Sequence[Sender], rng: Random
) -> tuple[str, str | None]:
    """Draw sender ID and client reference."""
    campaign = occasion.campaign
    if campaign is not None:
        return campaign.sender or campaign.name, campaign.prefix + _number(rng)
    if not senders:
        name = rng.choice(HOSTILE_SENDERS if rng.random() < _HOSTILE else NAMES)
        return name, _any_reference(occasion.sent, rng)
    awake = [each for each in senders if not each.daytime or occasion.local in DAYTIME]
    sender = rng.choices(awake or senders, [each.share for each in awake or senders])[0]
    return sender.name, f"{sender.prefix}-{_number(rng)}"


def _number(rng: Random) -> str:
    return f"{int(rng.random() * 1_000_000):06d}"


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


def _any_reference(sent: int, rng: Random) -> str | None:
    kind = rng.random()
    if kind < 0.5:
        return None
    if kind < 0.98:
        return f"order-{_number(rng)}"
    return rng.choice(('{"cart": 7}', "a=1&b=2", "jane@example.com", f"sent {to_time(sent):%H:%M}"))
