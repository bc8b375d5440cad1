"""A simulator of delivery receipts with known truth.

Data flows one way. In ``world``, ``networks`` is a table of carriers, ``incidents`` what can happen
to them, ``parameters`` a world of both, and ``plans`` makes worlds; ``traffic`` draws the hours in
which messages are sent, ``senders`` composes each message, ``fates`` draws how it ends, ``pushes``
the receipts about it, all under the ``conditions`` of the incidents, and ``strays`` calls that are
no receipts; ``history`` is all of that. From it ``calls`` makes webhook requests and ``truth`` the
figures; ``post`` sends the requests to a receiver.
"""

from dlr_analytics.simulate.calls import WebhookCall
from dlr_analytics.simulate.simulation import Simulation, simulate
from dlr_analytics.simulate.truth import IncidentTruth, MessageTruth, NetworkTruth, Truth
from dlr_analytics.simulate.world.incidents import (
    BadPeriod,
    Campaign,
    FakeReceipts,
    Filtering,
    Incident,
    Outage,
    PriceChange,
    RateChange,
    ReceiverOutage,
    Silence,
    Slowdown,
    VolumeChange,
)
from dlr_analytics.simulate.world.networks import NETWORKS, Network
from dlr_analytics.simulate.world.parameters import SENDERS, STEADY, Sender, Variation, World

__all__ = [
    "NETWORKS",
    "SENDERS",
    "STEADY",
    "BadPeriod",
    "Campaign",
    "FakeReceipts",
    "Filtering",
    "Incident",
    "IncidentTruth",
    "MessageTruth",
    "Network",
    "NetworkTruth",
    "Outage",
    "PriceChange",
    "RateChange",
    "ReceiverOutage",
    "Sender",
    "Silence",
    "Simulation",
    "Slowdown",
    "Truth",
    "Variation",
    "VolumeChange",
    "WebhookCall",
    "World",
    "simulate",
]
