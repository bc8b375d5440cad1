"""A simulation as files: its calls, its send log, its truth."""

from __future__ import annotations

import json
from pathlib import Path

from dlr_analytics.simulate.simulation import Simulation


def write_calls(path: Path, simulation: Simulation) -> None:
    """One line of JSON a call, in order of arrival; a malformed one is malformed here too."""
    with path.open("wb") as file:
        file.writelines(call.line + b"\n" for call in simulation.calls)


def write_sends(path: Path, simulation: Simulation) -> None:
    """The send log as ``dlr sends`` reads it: ``message_id,sent_at``, in UTC."""
    with path.open("w", encoding="utf-8") as file:
        file.write("message_id,sent_at\n")
        for message_id, sent_at in simulation.sends:
            file.write(f"{message_id},{sent_at.isoformat(timespec='milliseconds')}Z\n")


def write_truth(path: Path, simulation: Simulation, *, each_message: bool = True) -> None:
    """The recipe and the truth as JSON, one line a key.

    ``each_message``, where wanted, holds a list a column, so that pandas makes a table of it:
    ``message_id``, ``network_code``, ``sent_at`` (naive UTC), ``latency_s`` (true seconds from
    sending to the carrier's moment of delivery) and ``outcome`` in the end.
    """
    told: dict[str, object] = {
        "seed": simulation.seed,
        "days": simulation.days,
        "end": simulation.end,
        **simulation.truth.summary(),
    }
    if each_message:
        told["each_message"] = _columns(simulation)
    lines = (f"{json.dumps(key)}: {json.dumps(told[key], default=str)}" for key in told)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _columns(simulation: Simulation) -> dict[str, list[object]]:
    names = ("message_id", "network_code", "sent_at", "latency_s", "outcome")
    messages = simulation.truth.each_message
    return {name: [getattr(message, name) for message in messages] for name in names}
