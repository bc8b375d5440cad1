"""The check of this machine's clock: 2 s from the date of Vonage's answer, and its whole second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.connect.account import Balance
from dlr_analytics.connect.http import Response
from dlr_analytics.webhook.checks import Check, make_check


@dataclass
class Dated:
    """An account whose balance is answered with a ``Date``, in an exchange of known times."""

    date: int
    started: float
    ended: float

    def balance(self) -> Response:
        headers = {"date": format_datetime(datetime.fromtimestamp(self.date, UTC), usegmt=True)}
        return Response(200, headers, b'{"value": 1}', None, self.started, self.ended)


def clock(date: int, started: float, ended: float) -> Check:
    """The check of a clock."""
    balance = Balance(Dated(date, started, ended))  # type: ignore[arg-type]
    balance.check()
    return make_check("clock", balance.check_clock)


@pytest.mark.parametrize(
    ("started", "ended", "result"),
    [
        (1003.0, 1003.1, "ok"),
        (1003.001, 1003.1, "wrong"),
        (997.9, 998.0, "ok"),
        (997.9, 997.999, "wrong"),
        (990.0, 1010.0, "ok"),
    ],
)
def test_a_clock_may_be_2_s_from_the_date_and_its_whole_second(
    started: float, ended: float, result: str
) -> None:
    """``Date: 1000`` was written at some time from 1000 to 1001, between start and end."""
    check = clock(1000, started, ended)
    assert check.result == result
    assert result == "ok" or check.remedy == "set it by NTP"


@given(
    wrote=st.floats(1e9, 1e9 + 1e6),
    off=st.floats(-1.999, 1.999),
    before=st.floats(0, 10),
    after=st.floats(0, 10),
)
def test_a_clock_within_2_s_is_never_wrong_however_long_the_answer_takes(
    wrote: float, off: float, before: float, after: float
) -> None:
    started, ended = wrote - before + off, wrote + after + off
    assert clock(int(wrote), started, ended).result == "ok"


@given(wrote=st.floats(1e9, 1e9 + 1e6), off=st.floats(3.01, 1e6), took=st.floats(0, 0.005))
def test_a_clock_more_than_3_s_off_is_wrong_if_the_answer_comes_at_once(
    wrote: float, off: float, took: float
) -> None:
    for ahead in (off, -off):
        assert clock(int(wrote), wrote + ahead, wrote + took + ahead).result == "wrong"
