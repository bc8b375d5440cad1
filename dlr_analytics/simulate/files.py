"""Files of a simulation: calls, send log and truth."""

from __future__ import annotations

import json
from pathlib import Path

from dlr_analytics.simulate.simulation import Simulation


def write_calls(path: Path, simulation: Simulation) -> None:
    """Write one line of JSON a call, in order of arrival; not JSON if malformed."""
    with path.open("wb") as file:
        file.writelines(call.line + b"\n" for call in simulation.calls)


def write_sends(path: Path, simulation: Simulation) -> None:
    """Write the send log as ``dlr sends`` reads it: ``message_id,sent_at`` in UTC."""
    with path.open("w", encoding="utf-8") as file:
        file.write("message_id,sent_at\n")
        for message_id, sent_at in simulation.sends:
            file.write(f"{message_id},{sent_at.isoformat(timespec='milliseconds')}Z\n")


def write_truth(path: Path, simulation: Simulation, *, each_message: bool = True) -> None:
    """Write the parameters and the truth as JSON, one line a key.

    ``each_message`` is optional and holds one list a column, as pandas reads it: ``message_id``,
    ``network_code``, ``sent_at`` (naive UTC), ``latency_s`` (true seconds from sending to delivery
    by the carrier) and the final ``outcome``.
    """
    content: dict[str, object] = {
        "seed": simulation.seed,
        "days": simulation.days,
        "end": simulation.end,
        **simulation.truth.summary(),
    }
    if each_message:
        content["each_message"] = _columns(simulation)
    lines = (f"{json.dumps(key)}: {json.dumps(content[key], default=str)}" for key in content)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _columns(simulation: Simulation) -> dict[str, list[object]]:
    names = ("message_id", "network_code", "sent_at", "latency_s", "outcome")
    messages = simulation.truth.each_message
    return {name: [getattr(message, name) for message in messages] for name in names}
