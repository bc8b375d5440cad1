"""Tables and lists of checks.

A :class:`Checklist` runs checks in order. What a check needs is named; where one of those is not
ok, the check is not made and is ``unknown``, which never passes for ``ok``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from html import escape
from typing import Any, Final

from dlr_analytics.webhook.checks import Check, make_check

COLUMNS: Final = ("check", "result", "detail", "remedy")


class Checks:
    """The checks that were made, as a table.

    Examples
    --------
    >>> checks = Checks([Check("receiver", "ok", "http://127.0.0.1:8080")])
    >>> checks.ok, checks["result"], checks.rows()
    (True, ['ok'], [('receiver', 'ok', 'http://127.0.0.1:8080', None)])
    >>> checks
    ok       receiver     http://127.0.0.1:8080
    """

    columns = COLUMNS

    def __init__(self, checks: list[Check]) -> None:
        self._checks = checks

    @property
    def ok(self) -> bool:
        """Whether all of them are ok."""
        return all(check.result == "ok" for check in self._checks)

    def rows(self) -> list[tuple[Any, ...]]:
        """All rows, in order."""
        return [astuple(check) for check in self._checks]

    def dicts(self) -> list[dict[str, str | None]]:
        """All rows, each as a dictionary."""
        return [dict(zip(COLUMNS, row, strict=True)) for row in self.rows()]

    def __getitem__(self, column: str) -> list[Any]:
        """The values of one column."""
        return [getattr(check, column) for check in self._checks]

    def __iter__(self) -> Iterator[Check]:
        """Iterate over the checks."""
        return iter(self._checks)

    def __len__(self) -> int:
        """How many checks there are."""
        return len(self._checks)

    def __repr__(self) -> str:
        return "\n".join(map(str, self._checks))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in COLUMNS)
        body = "".join(map(_html_row, self.rows()))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_row(row: tuple[Any, ...]) -> str:
    cells = "".join(f"<td>{escape(cell or '')}</td>" for cell in row)
    return f"<tr>{cells}</tr>"


class Checklist:
    """Makes checks in order, and shows each as soon as it is made.

    Parameters
    ----------
    show : callable
        Takes each check, once.
    """

    def __init__(self, show: Callable[[Check], None]) -> None:
        self._show = show
        self._made: dict[str, Check] = {}

    @property
    def checks(self) -> Checks:
        """The checks that were made until now."""
        return Checks(list(self._made.values()))

    def is_ok(self, *names: str) -> bool:
        """Whether each of these was made and is ok."""
        return all(name in self._made and self._made[name].result == "ok" for name in names)

    def make(self, name: str, needs: tuple[str, ...], look: Callable[[], str]) -> None:
        """Make a check: ``look`` returns the detail of what is ok, or raises a Finding."""
        missing = next((need for need in needs if not self.is_ok(need)), None)
        if missing is not None:
            self.add(Check(name, "unknown", f"not checked: rests on {missing}", f"see {missing}"))
            return
        self.add(make_check(name, look))

    def add(self, check: Check) -> None:
        """Show and record a check that was made elsewhere."""
        self._made[check.check] = check
        self._show(check)
