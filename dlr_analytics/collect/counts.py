"""What a receiver has seen since it started, as Prometheus reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dlr_analytics.vocabulary import UNRECOGNISED, status_of


@dataclass(slots=True)
class Counts:
    """Counters that only grow; ``receipts`` by status, source and transport."""

    answers: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    receipts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    quarantined: int = 0
    empty_calls: int = 0


def label(status: str | None) -> str:
    """A status as a label: strangers must not make up new ones without end.

    Examples
    --------
    >>> label("delivrd"), label("teleported"), label(None)
    ('delivered', 'unrecognised', 'unrecognised')
    """
    known = status_of(status or "")
    return (
        UNRECOGNISED.status_class if known.status_class == UNRECOGNISED.status_class else known[0]
    )


def exposition(counts: Counts) -> str:
    """All counters in Prometheus' text format.

    Examples
    --------
    >>> print(exposition(Counts(answers=Counter({200: 2}), empty_calls=1)), end="")
    # TYPE dlr_answers_total counter
    dlr_answers_total{code="200"} 2
    # TYPE dlr_refusals_total counter
    # TYPE dlr_receipts_total counter
    # TYPE dlr_quarantined_total counter
    dlr_quarantined_total 0
    # TYPE dlr_empty_calls_total counter
    dlr_empty_calls_total 1
    """
    names = ("status", "source", "transport")
    families: dict[str, Mapping[str, int]] = {
        "answers": {f'{{code="{code}"}}': n for code, n in counts.answers.items()},
        "refusals": {f'{{reason="{reason}"}}': n for reason, n in counts.refusals.items()},
        "receipts": {
            _labels(zip(names, key, strict=True)): n for key, n in counts.receipts.items()
        },
        "quarantined": {"": counts.quarantined},
        "empty_calls": {"": counts.empty_calls},
    }
    return "".join(_family(f"dlr_{name}_total", samples) for name, samples in families.items())


def _labels(pairs: Iterator[tuple[str, str]]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in pairs) + "}"


def _family(name: str, samples: Mapping[str, int]) -> str:
    lines = [f"# TYPE {name} counter", *(f"{name}{labels} {n}" for labels, n in samples.items())]
    return "".join(f"{line}\n" for line in lines)
