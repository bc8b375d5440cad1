"""What the receiver tells Prometheus. The names are an interface: alert rules rest on them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from dlr_analytics.receiver.stats import BOUNDS, Seen
from dlr_analytics.receiver.status.collector import Overview


def exposition(overview: Overview) -> bytes:
    """All metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Metrics(overview))
    return generate_latest(registry)


class _Metrics(Collector):
    """The metrics of one moment; counted elsewhere, so that counting costs next to nothing."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview

    def collect(self) -> Iterator[Metric]:
        seen = self._overview.seen
        yield from _counters(seen)
        yield _commits(seen)
        yield from _gauges(self._overview)


def _counters(seen: Seen) -> Iterator[Metric]:
    receipts = CounterMetricFamily(
        "dlr_receipts", "Receipts stored.", labels=("status", "source", "transport")
    )
    for kind, count in seen.receipts.items():
        receipts.add_metric(kind, count)
    answers = CounterMetricFamily("dlr_answers", "Requests answered.", labels=("code",))
    for code, count in seen.answers.items():
        answers.add_metric((str(code),), count)
    refusals = CounterMetricFamily(
        "dlr_refusals",
        "Calls refused; would_match is the signature method that would have been right.",
        labels=("reason", "would_match"),
    )
    for reason, count in seen.refusals.items():
        refusals.add_metric(reason, count)
    refused_at = GaugeMetricFamily(
        "dlr_last_refusal_timestamp_seconds",
        "Unix time of the last call refused for this reason.",
        labels=("reason", "would_match"),
    )
    for reason, at in seen.refused_at.items():
        refused_at.add_metric(reason, at)
    yield from (receipts, answers, refusals, refused_at)
    yield CounterMetricFamily(
        "dlr_quarantined", "Calls that could not be understood.", seen.quarantined
    )
    yield CounterMetricFamily("dlr_empty_calls", "Calls with no receipt in them.", seen.empty_calls)


def _commits(seen: Seen) -> Metric:
    """Prometheus counts in each bucket what is at or below its bound."""
    counts = accumulate(seen.commits[bound] for bound in BOUNDS)
    names = ["+Inf" if bound == BOUNDS[-1] else str(bound) for bound in BOUNDS]
    return HistogramMetricFamily(
        "dlr_commit_seconds",
        "Seconds from the hand-over of a receipt until it was on disk.",
        buckets=list(zip(names, counts, strict=True)),
        sum_value=seen.commit_seconds,
    )


def _gauges(overview: Overview) -> Iterator[Metric]:
    seen, stored = overview.seen, overview.stored
    unsealed = stored.unsealed
    figures = {
        "dlr_storing": ("1 where receipts can be stored, 0 after a failure.", not seen.trouble),
        "dlr_unsealed_receipts": ("Receipts in journals, not in Parquet yet.", unsealed.receipts),
        "dlr_unsealed_bytes": ("Bytes in journals.", unsealed.size),
        "dlr_unsealed_oldest_seconds": (
            "Seconds that the oldest receipt in a journal has waited.",
            overview.oldest_age,
        ),
        "dlr_quarantine_bytes": ("Bytes in the quarantine.", stored.quarantine),
        "dlr_disk_free_bytes": ("Bytes free for the data directory.", stored.free),
        "dlr_last_receipt_timestamp_seconds": (
            "Unix time at which the last receipt was stored; 0 where none was since the start.",
            seen.newest_receipt or 0.0,
        ),
        "dlr_last_compact_timestamp_seconds": (
            "Unix time at which dlr compact last went well, run by DLR_COMPACT_AT; 0: not yet.",
            overview.compacted_at or 0.0,
        ),
        "dlr_start_timestamp_seconds": ("Unix time of the start.", seen.started_at),
        "dlr_workers": ("Processes that receive now.", overview.workers),
    }
    for name, (meaning, value) in figures.items():
        yield GaugeMetricFamily(name, meaning, float(value))
    yield CounterMetricFamily(
        "dlr_workers_replaced", "Workers that ended and were replaced.", overview.replaced
    )
