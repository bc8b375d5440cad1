"""The tree of errors. Each says what was wrong, where, and what to do.

::

    DlrError
    ├── UsageError            the call cannot be carried out as written
    │   ├── UnknownName       a metric, column or format that does not exist
    │   ├── UnreadableValue   a date, time zone or number that cannot be read
    │   ├── RefusedStatement  SQL that does more than read, or is not one expression
    │   └── UnusableFile      a file to take in that is not what it should be
    ├── SettingsError         an option, variable or dlr.toml that cannot be used
    ├── DataError             the data directory cannot be used
    │   ├── DataFolderMissing
    │   ├── DataFolderInUse   something is there already that must not be mixed with
    │   └── DamagedFile       a file under the data directory that does not read back
    ├── StoreError            a write, sync or rename failed; nothing was acknowledged from it
    ├── AddressInUse          the port is taken
    └── MissingTool           an optional package or program that this needs
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DlrError(Exception):
    """Root of all errors of this package.

    Parameters
    ----------
    wrong : str
        What was wrong and where, as a clause without full stop.
    remedy : str
        What to do about it, as an imperative without full stop; may be empty.

    Examples
    --------
    >>> print(DlrError("no folder data/x", "check --data"))
    no folder data/x; check --data
    """

    def __init__(self, wrong: str, remedy: str = "") -> None:
        super().__init__(wrong, remedy)
        self.wrong = wrong
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.wrong}; {self.remedy}" if self.remedy else self.wrong


class UsageError(DlrError):
    """The call cannot be carried out as written."""


class UnknownName(UsageError):
    """A metric, column or format that does not exist.

    Examples
    --------
    >>> print(UnknownName("metric", "delivery_rat", ["delivery-rate", "cost"]))
    unknown metric 'delivery_rat'; did you mean 'delivery-rate'? There are: delivery-rate, cost
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        near = difflib.get_close_matches(name.lower().replace("_", "-"), names, n=1, cutoff=0.5)
        near = near or difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
        guess = f"did you mean {near[0]!r}? " if near else ""
        there_are = "There are" if guess else "there are"
        super().__init__(f"unknown {kind} {name!r}", f"{guess}{there_are}: {', '.join(names)}")


class UnreadableValue(UsageError):
    """A date, time zone or number that cannot be read."""


class RefusedStatement(UsageError):
    """SQL that does more than read, or is not one expression."""


class UnusableFile(UsageError):
    """A file to take in that is not what it should be."""


class SettingsError(DlrError):
    """An option, environment variable or dlr.toml key that cannot be used."""


class DataError(DlrError):
    """The data directory cannot be used."""


class DataFolderMissing(DataError):
    """There is no such folder."""


class DataFolderInUse(DataError):
    """The folder holds something that must not be mixed with."""


class DamagedFile(DataError):
    """A file under the data directory does not read back."""


class StoreError(DlrError):
    """A write, sync or rename failed; nothing was acknowledged from it."""


class AddressInUse(DlrError):
    """The port is taken."""


class MissingTool(DlrError):
    """An optional package or program that this needs is not installed."""
