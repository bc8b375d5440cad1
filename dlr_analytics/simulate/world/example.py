"""The example receipt of Vonage's documentation, which users post as a test.

Its times were edited there: scts is of 2018, message-timestamp of 2020. They contradict each other.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from dlr_analytics.simulate.world import fates
from dlr_analytics.simulate.world.clocks import SECOND, to_ms
from dlr_analytics.simulate.world.pushes import Push, Story
from dlr_analytics.simulate.world.senders import JSON_ACCOUNT, Message

EXAMPLE_ID: Final = "0A0000001234567B"


def story(replaced: Message) -> Story:
    """Make the example's story, which replaces that of another message."""
    message = replaced._replace(
        message_id=EXAMPLE_ID,
        account=JSON_ACCOUNT,
        msisdn="447700900000",
        sender="AcmeInc",
        client_ref="my-personal-reference",
    )
    push = Push(
        arrived=message.sent + 5 * SECOND,
        message=message,
        status="delivered",
        err_code=0,
        scts="1810251310",
        pushed=to_ms(dt.datetime(2020, 10, 25, 12, 10, 29)),
    )
    return Story(message, fates.prompt(message), (push,))
