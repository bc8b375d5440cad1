"""The table of a bench: what each step costs, beside its floor and the alternatives."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.measuring import Cost

HEADER = (
    "| step | s | CPU s | MB | floor s | CPU s | MB | times the floor | CPU | pandas s | polars s |"
    "\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A step; None for what there is not, or what has not survived."""

    step: str
    ours: Cost | None
    floor: Cost | None = None
    pandas: Cost | None = None
    polars: Cost | None = None

    def __str__(self) -> str:
        """As a line of the table."""
        cells = [self.step, *_costs(self.ours), *_costs(self.floor)]
        if self.ours and self.floor:
            times = self.ours.seconds / self.floor.seconds, self.ours.cpu / self.floor.cpu
            cells += [f"{one:.2f}" for one in times]
        else:
            cells += ["", ""]
        cells += [_seconds(one.seconds) if one else "" for one in (self.pandas, self.polars)]
        return f"| {' | '.join(cells)} |"


def _costs(cost: Cost | None) -> list[str]:
    if cost is None:
        return ["", "", ""]
    return [_seconds(cost.seconds), _seconds(cost.cpu), f"{cost.megabytes:,.0f}"]


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:,.0f}"
