"""An earlier release and the present one work on one data directory at the same time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.earlier import (
    DAYS,
    ROOT,
    State,
    commit_of,
    post,
    receipts,
    state_at,
    write,
)

pytestmark = pytest.mark.slow

COUNTED = "select message_id, count(*) as n from receipts group by message_id"


@pytest.fixture(params=DAYS)
def earlier(request: pytest.FixtureRequest) -> Iterator[State]:
    """The package as it was at the end of a day."""
    commit = commit_of(str(request.param))
    if not commit:
        pytest.skip("no git history of that day, as in an sdist")
    with state_at(commit) as state:
        yield state


def counted(state: State, data: Path) -> dict[str, int]:
    """The receipts of each message, as a release sees them."""
    rows = json.loads(state.command("sql", COUNTED, "--data", data, "--format", "json"))
    return {row["message_id"]: row["n"] for row in rows}


def test_both_receive_compact_and_read_one_folder(earlier: State, tmp_path: Path) -> None:
    """Whichever compacts, each release sees every receipt of both, each as often as it came."""
    data, present = tmp_path / "data", State(ROOT)
    expected: dict[str, int] = {}

    def note(part: str, days: range) -> list[dict[str, str]]:
        made = receipts(days, part)
        for one in made:
            expected[one["messageId"]] = expected.get(one["messageId"], 0) + 1
        return made

    def both_agree() -> None:
        assert counted(earlier, data) == expected
        assert counted(present, data) == expected

    with (
        earlier.receiver(data, DLR_SEAL_SECONDS="1") as old,
        present.receiver(data, DLR_SEAL_SECONDS="1") as new,
    ):
        for turn, (state, url) in enumerate([(earlier, old), (present, new)] * 2):
            file = tmp_path / f"{turn}.jsonl"
            write(file, note(f"i{turn}", range(5, 8)))
            state.command("import", file, "--data", data)
            for one in note(f"r{turn}", range(9, 10)):
                post(url, json.dumps(one))
            both_agree()
            state.command("compact", "--data", data)
            both_agree()
    both_agree()
    assert present.command("verify", "--data", data) == ""
