"""What a step costs at least: the bare statement in DuckDB, over the same files.

For a metric that is one scan and one group-by of the columns that its definition needs, over the
cached messages; nothing is estimated, bounded, ordered or explained.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analysis.cache.inventory import AS_OF_ALL
from dlr_analytics.analysis.engines import duckdb as on_duckdb
from dlr_analytics.analysis.messages import pipeline, vocabulary_tables
from dlr_analytics.analysis.messages.parameters import DerivationParameters, create_parameters
from dlr_analytics.store import layout
from dlr_analytics.store.sql import from_files, from_parquet, literal, to_parquet
from tests.bench.measuring import Step

MATURE: Final = "message_time < (select max(message_time) from cached) - interval 72 hour"
COUNTS: Final = {
    "delivery-rate": "count(*), count(*) filter (where final),"
    " count(*) filter (where status = 'delivered'), count(*) filter (where status = 'failed'),"
    " count(*) filter (where status = 'expired'), count(*) filter (where status = 'rejected'),"
    " count(*) filter (where not final and mature and status = 'unknown'),"
    " count(*) filter (where not final and mature),"
    " count(*) filter (where final_at - message_time > interval 1 hour)",
    "latency": "push_latency_s, count(*), count(latency_s),"
    " count(*) filter (where sent_at_source = 'accepted'),"
    " sum(latency_s + second(sent_at))",
    "cost": "currency, count(*), count(price), sum(price),"
    " count(*) filter (where status = 'delivered'),"
    " sum(price) filter (where status <> 'delivered' and (final or mature))",
    "errors": "err_code, count(*) filter (where status <> 'delivered' and (final or mature))",
    "quality": "problems, count(*), min(message_id)",
    "coverage": "count(*), sum(receipts), count(*) filter (where mature),"
    " count(*) filter (where mature and final),"
    " count(*) filter (where mature and status = 'expired'"
    " and final_at >= message_time + interval 71 hour),"
    " count(*) filter (where mature and not final and status in ('accepted', 'buffered'))",
}


def scan(metric: str, data: Path) -> object:
    """The counts of a metric by network."""
    files = sorted(layout.messages(data).rglob("*.parquet"))
    with duckdb.connect() as connection:
        connection.execute(f"create view cached as from {from_files(files)}")
        rows = f"select *, {MATURE} as mature from cached"
        query = f"select network_code, {COUNTS[metric]} from ({rows}) group by all"
        return connection.execute(query).fetchall()


def merge(data: Path) -> None:
    """Each closed day's files as one, in order of time."""
    for folder in _closed(data):
        with tempfile.TemporaryDirectory(dir=data) as aside, duckdb.connect() as connection:
            query = f"from read_parquet({literal(f'{folder}/*.parquet')}) order by received_at"
            connection.execute(to_parquet(query, Path(aside) / "day.parquet"))


def collapse(data: Path) -> None:
    """The statements of a message over each closed day's file, and its rows written."""
    for folder in _closed(data):
        with tempfile.TemporaryDirectory(dir=data) as aside:
            connection = on_duckdb.connect(spill=Path(aside) / "spilled")
            engine = on_duckdb.DuckDBEngine(connection)
            vocabulary_tables.create(engine)
            parameters = DerivationParameters(AS_OF_ALL)
            create_parameters(engine, parameters)
            engine.create_view(
                "receipts", f"select * from {from_parquet(sorted(folder.iterdir()))}"
            )
            pipeline.run(pipeline.Stage.RECEIPTS, engine, parameters)
            query = pipeline.statement("pipeline/receipts_collapsed")
            connection.execute(to_parquet(query, Path(aside) / "day.parquet"))
            connection.close()


def _closed(data: Path) -> list[Path]:
    return sorted(layout.receipts(data).iterdir())[:-1]


def steps(metric: str) -> dict[str, Step]:
    """The floor of a metric by name."""
    return {f"floor {metric}": Step(lambda data: scan(metric, data))}


STEPS: Final = {"floor compact": Step(merge), "floor keep": Step(collapse)}
