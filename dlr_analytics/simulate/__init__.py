"""Receipts whose truth is known: a small world of networks that sends, delivers and pushes.

One way only: the table of ``networks`` makes the hours of ``traffic``; each message of ``senders``
meets its fate in ``fates`` and is told by ``pushes``; ``calls`` dresses them, ``truth``
counts what is so. ``post`` sends them to a receiver.
"""

from dlr_analytics.simulate.calls import WebhookCall
from dlr_analytics.simulate.simulation import Simulation, simulate
from dlr_analytics.simulate.truth import MessageTruth, NetworkTruth, Truth

__all__ = ["MessageTruth", "NetworkTruth", "Simulation", "Truth", "WebhookCall", "simulate"]
