"""Paths of objects in a bucket, for code that names files by paths.

``Path("s3://bucket/x")`` is the relative path ``s3:/bucket/x``: written out it names nothing, and
what opens or creates it does so in the working directory. A ``BucketPath`` is written with both
slashes and is a name only: whatever asks the system for its file fails.
"""

from __future__ import annotations

from pathlib import Path, PosixPath
from typing import NoReturn, Self

from dlr_analytics.errors import UsageError

SCHEME = "s3://"


class BucketPath(PosixPath):
    """A path in a bucket; also one relative to a folder of it.

    Examples
    --------
    >>> data = BucketPath("s3://sms/live")
    >>> str(data / "sends"), (data / "sends/a.parquet").relative_to(data).as_posix()
    ('s3://sms/live/sends', 'sends/a.parquet')
    >>> (data / "sends").mkdir()
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: s3://sms/live/sends is a bucket's, and this needs a ...
    """

    def __str__(self) -> str:
        """The address, or the names below a folder."""
        text = super().__str__()
        return SCHEME + text.removeprefix("s3:/") if text.startswith("s3:/") else text

    def __fspath__(self) -> NoReturn:
        """Refuse to be a file of this machine."""
        raise read_only(self)

    def absolute(self) -> Self:
        """Return the path itself: it depends on no working directory."""
        return self

    def is_symlink(self) -> bool:
        """Return false: there are no links."""
        return False

    def resolve(self, strict: bool = False) -> Self:  # noqa: ARG002, FBT001, FBT002 - pathlib's
        """Return the path itself: there are no links."""
        return self


def read_only(data: Path) -> UsageError:
    """The error to raise where a bucket is given in place of a folder.

    Examples
    --------
    >>> print(read_only(BucketPath("s3://sms")))
    s3://sms is a bucket's, and this needs a folder of this machine; receivers put files there ...
    """
    return UsageError(
        f"{data} is a bucket's, and this needs a folder of this machine",
        "receivers put files there by DLR_SHIP_TO, `dlr pull` fetches them, `dlr publish` sends"
        " back what was compacted",
    )
