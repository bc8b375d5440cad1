"""Receipts whose truth is known: a small world of networks that sends, delivers and pushes.

One way only: the table of ``networks`` makes the hours of ``traffic``; each message of ``senders``
meets its fate in ``fates`` and is told by ``pushes``; ``wire`` dresses them as calls, ``truth``
counts what is so. ``post`` sends the calls to a receiver.
"""

from dlr_analytics.simulate.simulation import Simulation, simulate
from dlr_analytics.simulate.truth import MessageTruth, NetworkTruth, Truth
from dlr_analytics.simulate.wire import Call

__all__ = ["Call", "MessageTruth", "NetworkTruth", "Simulation", "Truth", "simulate"]
