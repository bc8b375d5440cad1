"""The receiver of ``dlr demo``: the real one with a clock that trusts the sender.

Thirty simulated days are sent in a minute, and ``received_at`` has to be the simulated time. No
option of ``dlr receive`` enables this: ``python -m dlr_analytics.cli.demonstration.receiver DIR``.
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
"""Short, so that most days are sealed while others still arrive, as in production."""


def simulated_clock(request: Request) -> dt.datetime:
    """The simulated time of arrival, naive UTC."""
    return dt.datetime.fromisoformat(request.headers[ARRIVAL_HEADER])


def main(data: Path) -> None:
    """Receive on a free loopback port until SIGTERM; prints the address."""
    from dlr_analytics.receiver.serve import serve

    # The parent process seals the rest and reports failures.
    logging.getLogger("dlr_analytics.receiver.sealing").setLevel(logging.CRITICAL)
    settings = Settings(data=data, port=0, admin_port=0, seal_seconds=SEAL_SECONDS)
    serve(settings, lambda address: print(address, flush=True), simulated_clock)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
