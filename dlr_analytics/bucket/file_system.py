"""A file system of fsspec for DuckDB, over the objects of one listing.

DuckDB asks for size and time of a file again and again. s3fs and obstore's own file system send a
HEAD each time; here the listing has the answers, and only reading sends requests. What DuckDB has
read it keeps while the time of a file stays the same: within one listing no object changes, so the
time that it is told is always the same one, long ago (it distrusts files of the last seconds).
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from typing import TYPE_CHECKING, Any, Final

from fsspec import AbstractFileSystem
from fsspec.utils import glob_translate

from dlr_analytics.errors import DlrError
from dlr_analytics.settings.bucket_path import SCHEME, BucketPath, read_only

if TYPE_CHECKING:
    from dlr_analytics.bucket.files import BucketFiles

_UNCHANGED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class ListedFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The objects of a listing, for reading.

    Parameters
    ----------
    files : BucketFiles
        The listing.
    """

    protocol = "s3"
    cachable = False

    def __init__(self, files: BucketFiles) -> None:
        super().__init__()
        self._files = files

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size of an object."""
        name = _full(path)
        return {"name": name, "size": self._files.size(name), "type": "file"}

    def exists(self, path: str, **_: Any) -> bool:
        """Whether an object is listed."""
        return _full(path) in self._files.objects

    def modified(self, path: str) -> dt.datetime:
        """Return the same time for every object, see above."""
        self._files.size(_full(path))
        return _UNCHANGED

    def glob(self, path: str, **_: Any) -> list[str]:
        """List the objects whose name is, or matches, a pattern."""
        name = _full(path)
        if name in self._files.objects:
            return [name]
        matches = re.compile(glob_translate(name)).match
        return sorted(filter(matches, self._files.objects))

    def open(self, path: str, mode: str = "rb", **_: Any) -> ListedFile:
        """Open an object to read it."""
        if mode != "rb":
            raise read_only(BucketPath(_full(path)))
        return ListedFile(self._files, _full(path))


class ListedFile(io.RawIOBase):
    """An object of a listing, open for reading; each read sends one GET at most."""

    def __init__(self, files: BucketFiles, name: str) -> None:
        super().__init__()
        self._files = files
        self._name = name
        self._size = files.size(name)
        self._position = 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Read bytes from the position on."""
        end = self._size if size < 0 else self._position + size
        try:
            contents = self._files.read(self._name, self._position, end)
        except DlrError as error:
            self._files.failures.append(error)
            raise
        self._position += len(contents)
        return contents

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # of any buffer
        """Read bytes into a buffer; return their number."""
        contents = self.read(len(buffer))
        buffer[: len(contents)] = contents
        return len(contents)


def _full(path: str) -> str:
    """The name of an object in a listing; DuckDB leaves the scheme out here and there."""
    return path if path.startswith(SCHEME) else SCHEME + path.lstrip("/")
