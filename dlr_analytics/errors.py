"""The exception tree. Each error names the problem, where it is, and the remedy.

::

    DlrError
    ├── UsageError            the call is invalid
    │   ├── UnknownName       a metric, column or format that does not exist
    │   ├── UnreadableValue   a date, time zone or number that does not parse
    │   ├── RefusedStatement  SQL that is not read-only, or not one expression
    │   └── UnusableFile      an input file that cannot be imported
    ├── SettingsError         an invalid option, variable or dlr.toml key
    ├── DataError             the data directory is unusable
    │   ├── DataFolderMissing
    │   ├── DataFolderInUse   the folder must be empty and is not
    │   ├── NewerFormat       a newer release has written the data directory
    │   └── DamagedFile       a file under the data directory that is corrupt
    ├── StoreError            a write, sync or rename failed; nothing was acknowledged from it
    ├── BucketError           a bucket is unusable
    │   ├── BucketMissing     it does not exist, or has no data under the prefix
    │   ├── BucketRefused     credentials are missing or wrong, or lack a permission
    │   └── BucketUnreachable the store does not answer
    ├── AddressInUse          the port is in use
    └── MissingTool           a missing optional package or program
"""

from __future__ import annotations

import difflib
import errno
import importlib.util
import os
from collections.abc import Iterable
from typing import Final


class DlrError(Exception):
    """Root of the exception tree of this package.

    Parameters
    ----------
    problem : str
        The problem and its place, as a clause without full stop.
    remedy : str
        What to do, as an imperative without full stop; may be empty.

    Examples
    --------
    >>> print(DlrError("no folder data/x", "check --data"))
    no folder data/x; check --data
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}" if self.remedy else self.problem

    def _render_traceback_(self) -> list[str]:
        """Show the error as one line in IPython, which calls this."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(DlrError):
    """The call is invalid."""


class UnknownName(UsageError):
    """A metric, column or format that does not exist.

    Examples
    --------
    >>> print(UnknownName("metric", "delivery_rat", ["delivery-rate", "cost"]))
    unknown metric 'delivery_rat'; did you mean 'delivery-rate'? There are: delivery-rate, cost
    """

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        names, text = list(known), str(name).lower()
        close = difflib.get_close_matches(text.replace("_", "-"), names, n=1, cutoff=0.5)
        close = close or difflib.get_close_matches(text, names, n=1, cutoff=0.5)
        guess = f"did you mean {close[0]!r}? " if close else ""
        there_are = "There are" if guess else "there are"
        super().__init__(f"unknown {kind} {name!r}", f"{guess}{there_are}: {', '.join(names)}")


class UnreadableValue(UsageError):
    """A date, time zone or number that does not parse."""


class RefusedStatement(UsageError):
    """SQL that is not read-only, or not one expression."""


class UnusableFile(UsageError):
    """An input file that cannot be imported."""


class SettingsError(DlrError):
    """An invalid option, environment variable or dlr.toml key."""


class DataError(DlrError):
    """The data directory is unusable."""


class DataFolderMissing(DataError):
    """The data directory does not exist."""


class DataFolderInUse(DataError):
    """The folder must be empty and is not."""


class NewerFormat(DataError):
    """A newer release has written the data directory."""


class DamagedFile(DataError):
    """A file under the data directory is corrupt."""


class StoreError(DlrError):
    """A write, sync or rename failed; nothing was acknowledged from it."""


class BucketError(DlrError):
    """A bucket is unusable."""


class BucketMissing(BucketError):
    """The bucket does not exist, or has no data under the prefix."""


class BucketRefused(BucketError):
    """Credentials of the bucket are missing or wrong, or lack a permission."""


class BucketUnreachable(BucketError):
    """The store of the bucket does not answer; asking later may help."""


class AddressInUse(DlrError):
    """The port is in use."""


class MissingTool(DlrError):
    """A missing optional package or program."""


def require(package: str, purpose: str) -> None:
    """Check that an optional package is installed.

    Raises
    ------
    MissingTool
        If it is not.

    Examples
    --------
    >>> require("no_such_package", "a data frame")
    Traceback (most recent call last):
    dlr_analytics.errors.MissingTool: no_such_package is not installed, which a data frame needs;
        pip install no_such_package
    """
    if importlib.util.find_spec(package) is None:
        raise MissingTool(
            f"{package} is not installed, which {purpose} needs", f"pip install {package}"
        )


_REMEDIES: Final = {
    errno.EACCES: "run it as the user to whom it belongs, or let this one in",
    errno.EPERM: "run it as the user to whom it belongs, or let this one in",
    errno.EROFS: "run it where that can be written",
    errno.ENOENT: "check the name",
    errno.ENOTDIR: "give a folder: a file has this name",
    errno.ELOOP: "remove the symbolic link",
    errno.EISDIR: "give a file: a folder has this name",
    errno.ENOSPC: "free space, then run it again",
    errno.EDQUOT: "free space, then run it again",
    errno.EMFILE: "raise the limit on open files, like ulimit -n 4096",
    errno.ENAMETOOLONG: "give a shorter name",
}


def describe_refusal(error: OSError, place: object = None) -> DlrError:
    """An error of the system as one of this package: the file, the reason, what to do.

    Parameters
    ----------
    error : OSError
        The error.
    place : path, optional
        Where it happened, for an error that names no file.

    Examples
    --------
    >>> print(describe_refusal(PermissionError(13, "Permission denied", "data/compact.lock")))
    data/compact.lock: Permission denied; run it as the user to whom it belongs, or let this one in
    """
    named = error.filename if isinstance(error.filename, str | os.PathLike) else place
    reason = error.strerror or str(error)
    return DlrError(f"{named}: {reason}" if named else reason, _REMEDIES.get(error.errno or 0, ""))
