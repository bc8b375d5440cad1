"""What one might write instead over the raw receipts: pandas, and polars lazily.

Each metric as simply as it can be said: of each message the last receipt counts, by network.
Neither duplicates nor disagreements nor clocks are judged, so the figures are near ours at best.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from dlr_analytics.store import layout
from tests.bench.measuring import Step

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

BY: Final = "network_code"
QUANTILES: Final = (0.5, 0.9, 0.95, 0.99)
UNDELIVERED: Final = ("failed", "expired", "rejected", "unknown")
MORE_COLUMNS: Final = {
    "delivery-rate": ["status"],
    "latency": ["status", "message_timestamp"],
    "cost": ["price"],
    "errors": ["status", "err_code"],
    "quality": ["problems"],
    "coverage": ["status"],
}


def in_pandas(metric: str, data: Path) -> object:
    """The metric by network, from one frame."""
    import pandas as pd

    columns = ["message_id", BY, "received_at", *MORE_COLUMNS[metric]]
    frame = pd.read_parquet(layout.receipts(data), columns=columns)
    last = frame.sort_values("received_at").drop_duplicates("message_id", keep="last")
    if metric == "latency":
        sent = pd.read_parquet(layout.sends(data), columns=["message_id", "sent_at"])
        return _latency(last.merge(sent, on="message_id"))
    if metric == "cost":
        return last.groupby(BY)["price"].sum()
    if metric == "errors":
        return last[last["status"].isin(UNDELIVERED)].groupby([BY, "err_code"]).size()
    if metric == "quality":
        return last.explode("problems").groupby([BY, "problems"]).size()
    return last.groupby([BY, "status"]).size()


def _latency(joined: pd.DataFrame) -> object:
    took = (joined["message_timestamp"] - joined["sent_at"]).dt.total_seconds()
    delivered = joined["status"] == "delivered"
    by_network = took[delivered].groupby(joined[BY])
    return [by_network.quantile(q) for q in QUANTILES]


def in_polars(metric: str, data: Path) -> object:
    """The metric by network, as one lazy plan."""
    import polars as pl

    found = pl.scan_parquet(f"{layout.receipts(data)}/*/*.parquet").group_by("message_id")
    last = found.agg(pl.col(BY, *MORE_COLUMNS[metric]).sort_by("received_at").last())
    if metric == "latency":
        sent = pl.scan_parquet(f"{layout.sends(data)}/*.parquet").select("message_id", "sent_at")
        last = last.join(sent, on="message_id").filter(pl.col("status") == "delivered")
    return _polars_plan(metric, last).collect()


def _polars_plan(metric: str, last: pl.LazyFrame) -> pl.LazyFrame:
    import polars as pl

    if metric == "latency":
        took = (pl.col("message_timestamp") - pl.col("sent_at")).dt.total_seconds()
        return last.group_by(BY).agg(*(took.quantile(q).alias(f"p{q}") for q in QUANTILES))
    if metric == "cost":
        return last.group_by(BY).agg(pl.col("price").sum())
    if metric == "errors":
        failed = last.filter(pl.col("status").is_in(UNDELIVERED))
        return failed.group_by(BY, "err_code").len()
    if metric == "quality":
        return last.explode("problems").group_by(BY, "problems").len()
    return last.group_by(BY, "status").len()


def steps(metric: str) -> dict[str, Step]:
    """The steps by name."""
    return {
        f"pandas {metric}": Step(lambda data: in_pandas(metric, data), ("pandas", "pyarrow")),
        f"polars {metric}": Step(lambda data: in_polars(metric, data), ("polars",)),
    }
