"""Errors of this package: one line that says what to do, in a notebook too."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from dlr_analytics.errors import UnknownName

REFUSED = """
from dlr_analytics.errors import UsageError
raise UsageError("where: no column 'netwrk'", "did you mean 'network'?")
"""


def test_a_refusal_is_one_line_in_a_notebook() -> None:
    shell: Any = InteractiveShell.instance()
    with capture_output() as shown:
        shell.run_cell(REFUSED)
    line = "UsageError: where: no column 'netwrk'; did you mean 'network'?"
    assert (shown.stdout + shown.stderr).strip().splitlines() == [line]


@pytest.mark.parametrize("name", [5, None, b"x"])
def test_a_name_that_is_no_text_is_unknown_too(name: object) -> None:
    error = UnknownName("unit", name, ["message", "sms"])
    assert str(error) == f"unknown unit {name!r}; there are: message, sms"
