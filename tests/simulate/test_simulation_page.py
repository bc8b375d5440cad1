"""docs/simulation.md: its example runs, and it names every incident and its parameters."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from dlr_analytics.simulate import Incident, Simulation
from dlr_analytics.simulate.world.incidents import BadPeriod

PAGE = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text(encoding="utf-8")
COMMON = {field.name for field in dataclasses.fields(Incident)}


@pytest.mark.parametrize("kind", Incident.__subclasses__(), ids=lambda kind: kind.__name__)
def test_an_incident_is_documented_with_its_parameters(kind: type[BadPeriod]) -> None:
    own = [field.name for field in dataclasses.fields(kind) if field.name not in COMMON]
    assert f"| `{kind.__name__}({', '.join(own)})` |" in PAGE


def test_the_example_runs_and_names_its_incidents() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)
    simulation = names["simulation"]
    assert isinstance(simulation, Simulation)
    kinds = [incident.kind for incident in simulation.truth.incidents]
    assert kinds == ["outage", "price_change"]
