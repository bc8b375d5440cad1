"""How long delivery took, by push time and by the carrier's time (scts)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import SECONDS, SHARE, TEXT, WHOLE_SHARE, Column, Table, Value
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.networks import STAND_IN_CAUTION
from dlr_analytics.report.speeds import FEW_MEASURED, Speed
from dlr_analytics.report.svg.chart import Chart
from dlr_analytics.report.svg.latency import latency_curves

DOUBT: Final = "By scts, above the push time"
"""The head of a column that names wrong estimates by the carrier's time.

The push is later than the carrier's time, so an estimate above it is wrong.
"""

_TITLE: Final = "How long delivery took"


def tables(report: Report) -> tuple[Table, ...]:
    """Return a row for all networks, then for some; no rows if few are measured."""
    whole = report.latency.whole
    if whole.few and whole.scts_p50 is None:
        measured = formats.counted(whole.measured, "message is", "messages are")
        caption = (
            f"{measured} measured; times are shown from {FEW_MEASURED} on. A send time is needed: "
            "`dlr sends` reads your send log."
        )
        return (Table("Latency", _TITLE, caption, (), ()),)
    return (_table(report),)


def _table(report: Report) -> Table:
    whole = report.latency.whole
    speeds = (whole, *report.latency.places)
    by_scts = any(speed.scts_p50 is not None for speed in speeds)
    scts = [Column(name, SECONDS) for name in ("Half by scts", "± half", "95% by scts", "± 95%")]
    doubtful = any(speed.p50_doubtful or speed.p95_doubtful for speed in speeds)
    columns = (
        Column("Network", TEXT),
        Column("Measured"),
        Column("Within 10 s, %", SHARE),
        Column("30 s, %", SHARE),
        Column("60 s, %", SHARE),
        Column("Half within", SECONDS),
        Column("95% within", SECONDS),
        Column("99% within", SECONDS),
        *(scts if by_scts else ()),
        *([Column(DOUBT, TEXT)] if doubtful else ()),
        Column("Stand-in send time, %", WHOLE_SHARE, caution=STAND_IN_CAUTION),
    )
    return Table(
        "Latency",
        _TITLE,
        f"Share of {formats.counted(whole.measured, 'delivered message')} confirmed within a time "
        f"of sending, % · send time of {formats.rate(whole.from_accepted, 0)} from the accepted "
        "receipt, a stand-in",
        columns,
        tuple(_row(speed, by_scts=by_scts, doubtful=doubtful) for speed in speeds),
        strong=frozenset({0}),
        careful=_doubtful_cells([column.head for column in columns], speeds),
        marks="logarithmic time axis · dots: half",
        note=_note(whole),
    )


def _row(speed: Speed, *, by_scts: bool, doubtful: bool) -> tuple[Value, ...]:
    within = (speed.within_10s, speed.within_30s, speed.within_60s)
    percentiles = (speed.p50, speed.p95, speed.p99)
    scts: tuple[Value, ...] = ()
    if by_scts:
        half = (speed.scts_p50, speed.scts_p50_margin)
        scts = (*half, speed.scts_p95, speed.scts_p95_margin)
    if doubtful:
        scts = (*scts, _doubt(speed))
    if speed.few:
        within, percentiles = (None, None, None), (None, None, None)
    return (speed.label, speed.measured, *within, *percentiles, *scts, speed.from_accepted)


def _doubt(speed: Speed) -> str | None:
    if speed.scts_p50 is None:
        return None
    named = (("half", speed.p50_doubtful), ("95%", speed.p95_doubtful))
    return " and ".join(name for name, doubt in named if doubt) or "no"


def _doubtful_cells(heads: Sequence[str], speeds: Sequence[Speed]) -> frozenset[tuple[int, int]]:
    return frozenset(
        (number, heads.index(head))
        for number, speed in enumerate(speeds)
        for head, doubt in (
            ("Half by scts", speed.p50_doubtful),
            ("95% by scts", speed.p95_doubtful),
            (DOUBT, speed.p50_doubtful or speed.p95_doubtful),
        )
        if doubt
    )


def _note(whole: Speed) -> str:
    """What the latencies measure, and what they do not."""
    push = "By push time: an upper bound, to the second."
    if whole.scts_p50 is None:
        return f"{push} The carrier’s own time (scts) has minutes only and no zone."
    half, most = (
        f"{formats.duration(at)} (± {formats.duration(margin)})"
        for at, margin in (
            (whole.scts_p50, whole.scts_p50_margin),
            (whole.scts_p95, whole.scts_p95_margin),
        )
    )
    return (
        f"{push} By the carrier’s own time (scts), which has minutes only, half are estimated to "
        f"have arrived within {half} and 95% within {most}. ± is 95% either way; where a row says "
        "that an estimate is above the push time, it is the estimate that is off."
    )


def graphics(report: Report) -> dict[str, Chart | None]:
    """Return the ``chart`` of shares over time, None where too few are measured."""
    drawable = report.latency.curves and not report.latency.whole.few
    return {"chart": latency_curves(report.latency.curves) if drawable else None}
