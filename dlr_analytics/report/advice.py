"""What is said about one reason: where it is seen mostly, and the call that lists its cases."""

from __future__ import annotations

from dlr_analytics.presentation import formats
from dlr_analytics.report.model import Reason


def code_of(reason: Reason) -> str:
    """The err-code, a dash where there is none."""
    return formats.MISSING if reason.err_code is None else str(reason.err_code)


def mostly_on(reason: Reason) -> str:
    """The networks that hold at least half of a reason's messages, if up to three do.

    >>> mostly_on(Reason(6, "", "", "", 10, 1.0, (("26202", 8), ("24001", 1)), spread=5))
    '26202, 80%'
    """
    if reason.spread == 1:
        return f"{reason.networks[0][0]} only" if reason.networks else ""
    held = 0
    for place, (_, messages) in enumerate(reason.networks[:3], start=1):
        held += messages
        if 2 * held >= reason.messages:
            names = ", ".join(code for code, _ in reason.networks[:place])
            return f"{names}, {formats.rate(held / reason.messages, 0)}"
    return f"{reason.spread} networks"


def cases(reason: Reason) -> str:
    """The call that lists the cases, by what has to be looked at.

    >>> cases(Reason(3, "", "permanent", "", 10, 1.0, (), spread=5))
    'dlr query errors --by msisdn --where err_code=3'
    """
    if reason.err_code is None:
        return 'dlr query errors --by outcome --where "err_code is null"'
    by = {"permanent": "msisdn", "temporary": "network_code", "unknown": "network_code"}
    column = by.get(reason.kind, "sender")
    return f"dlr query errors --by {column} --where err_code={reason.err_code}"
