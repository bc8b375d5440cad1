"""The demo's receiver: the real one but for its clock, which believes the sender.

Thirty simulated days are sent in a minute, and ``received_at`` is to be the simulated moment. No
option of ``dlr receive`` leads here: ``python -m dlr_analytics.cli.demo_receiver DIR``.
"""

from __future__ import annotations

import datetime as dt
import logging
import sys
from pathlib import Path
from typing import Final

from dlr_analytics.settings import Settings
from dlr_analytics.simulate.calls import ARRIVAL_HEADER
from dlr_analytics.webhook.judge import Request

SEAL_SECONDS: Final = 3.0
"""Few days are under way at a time: most are sealed while others still come in, as in the field."""


def simulated_clock(request: Request) -> dt.datetime:
    """The time of arrival that the sender claims, naive UTC."""
    return dt.datetime.fromisoformat(request.headers[ARRIVAL_HEADER])


def main(data: Path) -> None:
    """Receive on a free loopback port until SIGTERM; prints the address."""
    from dlr_analytics.receiver.serve import serve

    # Whoever started us seals what is left, and fails loudly where that cannot be done.
    logging.getLogger("dlr_analytics.receiver.sealing").setLevel(logging.CRITICAL)
    settings = Settings(data=data, port=0, admin_port=0, seal_seconds=SEAL_SECONDS)
    serve(settings, lambda address: print(address, flush=True), simulated_clock)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
