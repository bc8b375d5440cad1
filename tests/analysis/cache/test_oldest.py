"""The time of the oldest message is what ``messages`` says, without deriving all of them."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.cache import oldest, snapshot
from dlr_analytics.analysis.cache.oldest import oldest_message
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.sends import Send, record_sends
from tests.support.cache import refresh_cache
from tests.support.commands import run
from tests.support.data_directories import receive, store
from tests.support.histories import History, histories
from tests.support.pipelines import NOON, after, receipt
from tests.support.quick import more_in_slow


def derived(asked: Settings) -> dt.datetime | None:
    """The same of all messages."""
    with snapshot.take(asked).connection as connection:
        ((moment,),) = connection.sql("select min(message_time) from messages").fetchall()
    assert moment is None or isinstance(moment, dt.datetime)
    return moment


@pytest.mark.thorough
@more_in_slow(8, 30)
def test_it_is_that_of_all_messages(examples: int) -> None:
    """Whatever their times, sealed, unsealed or cached, and however few are tried at first."""

    @given(history=histories(), cached=st.booleans(), candidates=st.sampled_from((1, 3, 1_000)))
    @settings(max_examples=examples)
    def over_histories(history: History, cached: bool, candidates: int) -> None:
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            patch.setattr(oldest, "_CANDIDATES", candidates)
            data = Path(name)
            receive(data, history.receipts, seal=cached)
            record_sends(data, history.sends)
            if cached:
                refresh_cache(data)
            asked = Settings(data=data)
            assert oldest_message(asked) == derived(asked)

    over_histories()


@pytest.mark.thorough
def test_a_send_record_that_is_earlier_than_what_is_cached_counts(tmp_path: Path) -> None:
    receive(tmp_path, [receipt("a"), receipt("b", seconds=90_000)])
    refresh_cache(tmp_path)
    asked = Settings(data=tmp_path)
    before = oldest_message(asked)
    assert before == derived(asked)
    record_sends(tmp_path, [Send("b", after(-7_200))])
    assert before is not None
    assert oldest_message(asked) == derived(asked) == after(-7_200) < before


def test_a_time_in_client_ref_counts(tmp_path: Path) -> None:
    """Though no receipt or send record has so early a time."""
    store(tmp_path, receipt("a"), receipt("b", client_ref="t-1793707200", seconds=86_400))
    asked = Settings(data=tmp_path, client_ref_time=re.compile(r"t-(?P<epoch>\d+)"))
    assert oldest_message(asked) == derived(asked) == dt.datetime(2026, 11, 3, 12)


def test_what_is_cached_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(tmp_path, [receipt("a"), receipt("b", seconds=90_000)])
    refresh_cache(tmp_path)
    store(tmp_path, receipt("c", seconds=180_000))
    asked = Settings(data=tmp_path)
    expected = derived(asked)
    monkeypatch.setattr(oldest, "_derive", None)
    assert oldest_message(asked) == expected


def test_a_day_whose_files_have_changed_does_not_count_as_cached(tmp_path: Path) -> None:
    receive(tmp_path, [receipt("a"), receipt("b", seconds=90_000)])
    refresh_cache(tmp_path)
    shutil.rmtree(layout.receipts(tmp_path) / layout.day_folder(NOON.date()))
    asked = Settings(data=tmp_path)
    assert oldest_message(asked) == derived(asked)


@pytest.mark.parametrize("unsealed", [True, False])
def test_status_shows_it(
    tmp_path: Path, unsealed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where there is nothing, or nothing but journals."""
    if unsealed:
        store(tmp_path, receipt("a"))
    shown = run(capsys, "status", "--data", tmp_path)
    moment = oldest_message(Settings(data=tmp_path))
    expected = (
        f"oldest message  {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "oldest message  none"
    )
    assert expected in shown.out
    assert (shown.code, moment is not None) == (0, unsealed)
