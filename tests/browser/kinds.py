"""Kinds of reports to look at in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.model import Country, Remark, Report
from tests.support import reports

NASTY = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "A" * 10_000,
    "\u202eevil\u2066",
    "W" * 40,
    " ",
    "\u200d\u200c",
    "\u3164",
    "\u0301",
)


def hostile_report() -> Report:
    """A report whose strangers did their worst; long and nasty names tamed, as gathering does."""
    of = reports.tally(5000, 0.9)
    places = tuple(
        reports.place(sanitize(text, 12), sanitize(text, 28), "XX", "Nowhere", of) for text in NASTY
    )
    whole = reports.place(None, None, "XX", "Nowhere", of)
    made = reports.made_report()
    speeds = tuple(replace(made.latency.whole, label=sanitize(text, 28)) for text in NASTY)
    curves = tuple(replace(c, label=sanitize(NASTY[2], 28)) for c in made.latency.curves)
    return replace(
        made,
        source="/".join(["A" * 300] * 3),
        command=f"dlr report --data {'A' * 900}",
        countries=(Country(whole, places), *made.countries),
        latency=replace(made.latency, curves=curves, places=speeds),
        quality=(*made.quality, *(Remark(sanitize(t, 28), 1, 1, "", sanitize(t)) for t in NASTY)),
    )


REPORTS: dict[str, Callable[[], Report]] = {
    "ordinary": reports.made_report,
    "few": reports.few_report,
    "crowded": reports.crowded_report,
    "empty": reports.empty_report,
    "hostile": hostile_report,
}
