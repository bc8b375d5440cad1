"""The metrics for Prometheus; their names are an interface for alert rules."""

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

from dlr_analytics.receiver.stats import BOUNDS, Stats
from dlr_analytics.receiver.status.collector import ReceiverStatus


def exposition(status: ReceiverStatus) -> bytes:
    """Render all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Metrics(status))
    return generate_latest(registry)


class _Metrics(Collector):
    """The metrics of one moment; counting happens elsewhere, in plain counters."""

    def __init__(self, status: ReceiverStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        stats = self._status.stats
        yield from _counters(stats)
        yield _commits(stats)
        yield from _gauges(self._status)


def _counters(stats: Stats) -> Iterator[Metric]:
    receipts = CounterMetricFamily(
        "dlr_receipts", "Receipts stored.", labels=("status", "source", "transport")
    )
    for kind, count in stats.receipts.items():
        receipts.add_metric(kind, count)
    answers = CounterMetricFamily("dlr_answers", "Requests answered.", labels=("code",))
    for code, count in stats.answers.items():
        answers.add_metric((str(code),), count)
    refusals = CounterMetricFamily(
        "dlr_refusals",
        "Requests refused; would_match is the signature method that would have been right.",
        labels=("reason", "would_match"),
    )
    for reason, count in stats.refusals.items():
        refusals.add_metric(reason, count)
    refused_at = GaugeMetricFamily(
        "dlr_last_refusal_timestamp_seconds",
        "Unix time of the last request refused for this reason.",
        labels=("reason", "would_match"),
    )
    for reason, at in stats.refused_at.items():
        refused_at.add_metric(reason, at)
    yield from (receipts, answers, refusals, refused_at)
    yield CounterMetricFamily(
        "dlr_quarantined", "Requests quarantined because they cannot be parsed.", stats.quarantined
    )
    yield CounterMetricFamily(
        "dlr_refused_connections",
        "Connections closed at once, because as many as possible were open.",
        stats.refused_connections,
    )
    yield CounterMetricFamily(
        "dlr_empty_calls", "Requests without a receipt.", stats.empty_requests
    )


def _commits(stats: Stats) -> Metric:
    """The histogram of commit times; a bucket of Prometheus includes all smaller ones."""
    counts = accumulate(stats.commits[bound] for bound in BOUNDS)
    names = ["+Inf" if bound == BOUNDS[-1] else str(bound) for bound in BOUNDS]
    return HistogramMetricFamily(
        "dlr_commit_seconds",
        "Seconds to store a receipt on disk.",
        buckets=list(zip(names, counts, strict=True)),
        sum_value=stats.commit_seconds,
    )


def _gauges(status: ReceiverStatus) -> Iterator[Metric]:
    stats, storage = status.stats, status.storage
    unsealed = storage.unsealed
    figures = {
        "dlr_storing": ("1 if receipts can be stored, 0 after a failure.", not stats.storage_error),
        "dlr_unsealed_receipts": ("Receipts in journals, not yet in Parquet.", unsealed.receipts),
        "dlr_unsealed_bytes": ("Bytes in journals.", unsealed.size),
        "dlr_unsealed_oldest_seconds": (
            "Age of the oldest receipt in a journal, in seconds.",
            status.oldest_age,
        ),
        "dlr_quarantine_bytes": ("Bytes in the quarantine.", storage.quarantine_bytes),
        "dlr_disk_free_bytes": ("Bytes free for the data directory.", storage.free_bytes),
        "dlr_last_receipt_timestamp_seconds": (
            "Unix time of the last receipt stored; 0 if none since the start.",
            stats.newest_receipt_at or 0.0,
        ),
        "dlr_start_timestamp_seconds": ("Unix time of the start.", stats.started_at),
        "dlr_workers": ("Processes that receive requests.", status.workers),
    }
    # Absent without DLR_COMPACT_AT: an alert must not wait for a run by somebody else.
    if status.settings.compact_at is not None:
        figures["dlr_last_compact_timestamp_seconds"] = (
            "Unix time of the last successful dlr compact run by DLR_COMPACT_AT; 0 if none.",
            status.compacted_at or 0.0,
        )
    # Absent without DLR_SHIP_TO.
    if status.settings.ship_to is not None:
        figures["dlr_unshipped_files"] = (
            "Files that the bucket is not known to have.",
            storage.unshipped.files,
        )
        figures["dlr_unshipped_oldest_seconds"] = (
            "Age of the oldest file that the bucket is not known to have, in seconds.",
            status.unshipped_age,
        )
    for name, (help_text, value) in figures.items():
        yield GaugeMetricFamily(name, help_text, float(value))
    yield CounterMetricFamily(
        "dlr_workers_replaced", "Workers that ended and were replaced.", status.replaced
    )
