"""A simulator of delivery receipts with known truth.

Data flows one way. In ``world``, ``networks`` is a table of carriers, ``traffic`` draws the hours
in which their messages are sent, ``senders`` composes each message, ``fates`` draws how it ends,
``pushes`` the receipts about it and ``strays`` calls that are no receipts; ``history`` is all of
that. From it ``calls`` makes webhook requests and ``truth`` the figures; ``post`` sends the
requests to a receiver.
"""

from dlr_analytics.simulate.calls import WebhookCall
from dlr_analytics.simulate.simulation import Simulation, simulate
from dlr_analytics.simulate.truth import MessageTruth, NetworkTruth, Truth

__all__ = ["MessageTruth", "NetworkTruth", "Simulation", "Truth", "WebhookCall", "simulate"]
