"""How long delivery took: in total, by country, and on the extreme networks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.gather.places import code_and_name, country_name, stand_in_share
from dlr_analytics.report.speeds import FEW_MEASURED, Curve, Latency, Speed

ALL: Final = "All networks"

MOST_COUNTRIES: Final = 8
"""The most countries with a row: those with most measured messages."""

ALIKE: Final = 1.5
"""Below this ratio of their medians two curves overlap."""

LARGE_SHARE: Final = 0.01
LARGE_COUNT: Final = 100
"""A network's curve needs this share of the measured messages, and this many."""


def latency(metrics: PeriodMetrics, names: Mapping[str, str]) -> Latency:
    """Return speeds and curves, by push latency.

    Parameters
    ----------
    metrics : PeriodMetrics
        The metrics of the period.
    names : mapping
        Countries by ISO 3166 alpha-2 code.
    """
    (whole,) = metrics.rows("latency")
    extremes = _extremes(metrics.rows_by_network("latency"), whole["push_measured"])
    covered = {(row["country"], row["push_measured"]) for row in extremes}
    by_country = sorted(
        (
            row
            for row in metrics.rows("latency", "country")
            # A country whose messages all went to an extreme network has its row already.
            if _enough(row) and (row["country"], row["push_measured"]) not in covered
        ),
        key=lambda row: -row["push_measured"],
    )
    places = [_speed(country_name(row, names), row) for row in by_country[:MOST_COUNTRIES]]
    places += [_speed(_network(row), row) for row in extremes]
    places.sort(key=lambda speed: -speed.measured)
    return Latency(_speed(ALL, whole), tuple(places), _curves(metrics, extremes))


def _enough(row: Row) -> bool:
    return bool(row["push_measured"] >= FEW_MEASURED)


def _extremes(networks: Sequence[Row], of_all: int) -> list[Row]:
    """The fastest and the slowest large network; none where they are alike."""
    least = max(LARGE_SHARE * of_all, LARGE_COUNT)
    large = [row for row in networks if row["push_measured"] >= least]
    large.sort(key=lambda row: (row["push_p50_s"], row["push_p95_s"], row["network_code"] or ""))
    if len(large) < 2 or large[-1]["push_p50_s"] < ALIKE * large[0]["push_p50_s"]:
        return []
    return [large[0], large[-1]]


def _network(row: Row) -> str:
    code, network = code_and_name(row)
    country = f"({row['country']})" if row["country"] else None
    return " ".join(filter(None, [code or "no network code", network, country]))


def _speed(label: str, row: Row) -> Speed:
    return Speed(
        label=label,
        measured=row["push_measured"],
        from_accepted=stand_in_share(row),
        within_10s=row["push_within_10s"],
        within_30s=row["push_within_30s"],
        within_60s=row["push_within_60s"],
        p50=row["push_p50_s"],
        p95=row["push_p95_s"],
        p99=row["push_p99_s"],
        scts_p50=row["p50_s"],
        scts_p50_margin=row["p50_margin_s"],
        scts_p95=row["p95_s"],
        scts_p95_margin=row["p95_margin_s"],
        scts_within_30s=row["within_30s"],
        scts_within_30s_margin=row["within_30s_margin"],
    )


def _curves(metrics: PeriodMetrics, extremes: Sequence[Row]) -> tuple[Curve, ...]:
    """The curve of all networks, then those of the extremes."""
    steps: dict[str | None, dict[float, int]] = defaultdict(dict)
    total: dict[float, int] = defaultdict(int)
    for row in metrics.rows("latency-curve", "network_code"):
        steps[row["network_code"]][row["within_s"]] = row["messages"]
        total[row["within_s"]] += row["messages"]
    if not total:
        return ()
    drawn = [_curve(_network(row), steps[row["network_code"]]) for row in extremes]
    return (_curve(ALL, total), *drawn)


def _curve(label: str, steps: Mapping[float, int]) -> Curve:
    of_all, so_far, points = sum(steps.values()), 0, []
    for seconds, messages in sorted(steps.items()):
        so_far += messages
        points.append((seconds, so_far / of_all))
    return Curve(label, tuple(points))
