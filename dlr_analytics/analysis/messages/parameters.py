"""What messages depend on besides the data, and names that statements share."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from dlr_analytics.analysis.engines.protocol import Definitions
from dlr_analytics.vocabulary import MATURE_HOURS

PUBLIC: Final = "main"
"""The namespace of ``receipts``, ``messages``, ``sends``, ``networks`` and ``err_codes``."""

INTERNAL: Final = "pipeline"
"""The namespace of every other relation."""

_EARLIEST_AS_OF: Final = dt.datetime(1, 1, 2 + MATURE_HOURS // 24)
"""The earliest time that can be moved back by so many hours."""


def key_of(message_id: str) -> str:
    """The SQL expression of a message's key, as in ``receipts_normalized.sql``.

    Examples
    --------
    >>> from dlr_analytics.analysis.engines.duckdb import connect
    >>> connect().sql("select " + key_of("' 0C00-a '")).fetchall()
    [('0c00-a',)]
    """
    ends = f"left({message_id}, 1) <= ' ' or right({message_id}, 1) <= ' '"
    trimmed = rf"trim({message_id}, e' \t\n\r')"
    return f"lower(case when {ends} then {trimmed} else {message_id} end)"


KEY: Final = key_of("message_id")

KEY_HASH: Final = "md5_number_lower(message_key) >> 8"
"""SQL: a hash of 56 bits of a key, equal in all releases."""


@dataclass(frozen=True, slots=True)
class DerivationParameters:
    """What messages depend on besides the data.

    ``as_of`` is naive UTC; ``as_of_given`` says whether the user asked for it: then sends after it
    that have no receipt by then are left out. ``currency`` is assumed where the data has none.
    ``client_ref_time`` is the pattern of a send time in ``client_ref``, if any.
    """

    as_of: dt.datetime
    as_of_given: bool = False
    currency: str = "EUR"
    client_ref_time: re.Pattern[str] | None = None

    @property
    def mature_before(self) -> dt.datetime:
        """Messages sent before this are mature."""
        return max(self.as_of, _EARLIEST_AS_OF) - dt.timedelta(hours=MATURE_HOURS)


def create_parameters(engine: Definitions, parameters: DerivationParameters) -> None:
    """Create the one-row relation ``parameters``."""
    engine.create_values(
        "parameters",
        {
            "as_of": "TIMESTAMP",
            "mature_before": "TIMESTAMP",
            "sends_until": "TIMESTAMP",
            "currency": "VARCHAR",
        },
        [
            (
                parameters.as_of,
                parameters.mature_before,
                parameters.as_of if parameters.as_of_given else None,
                parameters.currency,
            )
        ],
    )
