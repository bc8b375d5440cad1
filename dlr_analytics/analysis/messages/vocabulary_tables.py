"""The vocabulary as small relations, so that SQL uses each definition by name."""

from __future__ import annotations

import datetime as dt

from dlr_analytics import vocabulary
from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages.parameters import INTERNAL, PUBLIC
from dlr_analytics.flaws import FLAWS


def create(engine: Engine) -> None:
    """Create the public ``err_codes``, and the vocabulary that is internal.

    That is ``statuses``, ``aliases``, ``flaws``, ``zones`` and ``limits``, which has one row.

    Examples
    --------
    >>> from dlr_analytics.analysis.engines.duckdb import DuckDBEngine, connect
    >>> engine = DuckDBEngine(connect())
    >>> create(engine)
    >>> engine.rows("select advice from err_codes where err_code = 3")
    [('Stop sending to the number.',)]
    """
    engine.use(PUBLIC)
    engine.create_values(
        "err_codes",
        {"err_code": "SMALLINT", "meaning": "VARCHAR", "kind": "VARCHAR", "advice": "VARCHAR"},
        vocabulary.ERR_CODES,
    )
    engine.use(INTERNAL, PUBLIC)
    engine.create_values(
        "statuses",
        {"status": "VARCHAR", "status_class": "VARCHAR", "rank": "INTEGER"},
        vocabulary.STATUSES,
    )
    engine.create_values("aliases", {"alias": "VARCHAR", "status": "VARCHAR"}, vocabulary.ALIASES)
    engine.create_values(
        "flaws",
        {
            "problem": "VARCHAR",
            "level": "VARCHAR",
            "meaning": "VARCHAR",
            "effect": "VARCHAR",
            "place": "INTEGER",
        },
        [(*flaw, place) for place, flaw in enumerate(FLAWS)],
    )
    engine.create_values("zones", {"offset_min": "INTEGER"}, [(zone,) for zone in vocabulary.ZONES])
    engine.create_values(
        "limits",
        {
            "earliest": "TIMESTAMP",
            "future": "INTERVAL",
            "contradiction": "INTERVAL",
            "mature": "INTERVAL",
            "send_times_apart": "INTERVAL",
            "min_mature": "INTEGER",
            "unrecognised_rank": "INTEGER",
        },
        [
            (
                dt.datetime(vocabulary.FIRST_YEAR, 1, 1),
                dt.timedelta(hours=vocabulary.FUTURE_HOURS),
                dt.timedelta(hours=vocabulary.CONTRADICTION_HOURS),
                dt.timedelta(hours=vocabulary.MATURE_HOURS),
                dt.timedelta(minutes=vocabulary.SEND_TIMES_APART_MINUTES),
                vocabulary.MIN_MATURE,
                vocabulary.UNRECOGNISED.rank,
            )
        ],
    )
