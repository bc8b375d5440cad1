"""Run all that has a statement, on little data: ``python -m tests.support.all_statements``.

Prints the .sql files that were opened, one a line, relative to the folder of statements.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

SQL: Final = Path(__file__).parents[2] / "dlr_analytics" / "analysis" / "sql"


def run_all(data: Path) -> None:
    """Cache messages; ask for all metrics, studies and histories; explore; and a report."""
    import dlr_analytics
    from dlr_analytics.analysis.cache.oldest import oldest_message
    from dlr_analytics.analysis.metrics import QUESTIONS
    from dlr_analytics.report.gather.report import gather
    from dlr_analytics.settings import Settings
    from dlr_analytics.store.sends import Send, record_sends
    from tests.support.cache import refresh_cache
    from tests.support.data_directories import receive
    from tests.support.pipelines import after, receipt

    receive(data, [receipt(f"m{day}", seconds=3600 * 8 * day) for day in range(72)])
    record_sends(data, [Send("m1", after(3500))])
    refresh_cache(data, after(days=2).date())
    database = dlr_analytics.open(data)
    assert oldest_message(Settings(data=data)) == after(0)
    for metric in QUESTIONS.values():
        for row in getattr(database, metric.name.replace("-", "_"))().rows():
            assert row
    assert database.message("m1").rows()
    assert database.number("447700900001").rows()
    export = data.with_name("export.csv")
    export.write_text("message_id,date_received,status\nm1,2026-11-03T12:00:00Z,failed\n")
    for listed in (False, True):
        assert database.reconcile(export, list=listed).rows()
    assert database.explore().result.rows()
    assert gather(database, by="api_key").tally.messages == 72
    stopped = data.with_name("stopped")
    receive(stopped, [receipt(f"m{hour}", seconds=3600 * hour) for hour in range(24 * 9)])
    (alert,) = dlr_analytics.open(stopped).watch(as_of=after(days=10))
    assert alert[0] == "silence"


def main() -> None:
    """Print the statements that were opened."""
    opened: set[str] = set()

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(".sql"):
            opened.add(Path(str(arguments[0])).relative_to(SQL).with_suffix("").as_posix())

    sys.addaudithook(note)
    with tempfile.TemporaryDirectory() as folder:
        run_all(Path(folder) / "data")
    print("\n".join(sorted(opened)))


if __name__ == "__main__":
    main()
