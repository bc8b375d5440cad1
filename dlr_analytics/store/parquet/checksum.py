"""The SHA-256 in each Parquet file of ours, which finds every flipped bit.

Parquet's own checksums are optional, of single pages, and not of the footer; most flipped bits read
back as another value. So a file of ours has 40 bytes between its last page and its footer::

    PAR1 pages … │ DLRSUM1\\0 │ SHA-256 │ footer, its length, PAR1
                 └── 8 bytes ┴ 32 bytes┘

All offsets in a footer are absolute and point to pages before it, so every reader reads past these
bytes. The sum is over all bytes but its own 32. The footer has the key ``dlr_format``, so that a
file whose 8 bytes are damaged is not taken for one without a sum.

Files of other programs and of earlier releases have no sum.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store.receipts.files import LOCAL, Files

MAGIC: Final = b"DLRSUM1\0"

FORMAT_KEY: Final = "dlr_format"
"""Footer key of each file that has a sum; its value is the format of the data directory."""

_PARQUET: Final = b"PAR1"
_SUM_BYTES: Final = hashlib.sha256().digest_size
_CHUNK: Final = 1 << 20

_WRITER: Final = b"DuckDB version"
"""In our footers. pyarrow copies the keys of a file's footer when it writes its rows again."""


def add_sum(path: Path) -> str:
    """Insert the sum into a finished Parquet file; not synced.

    Parameters
    ----------
    path : path
        In a staging folder; read once, in parts. After an error or a crash the file is unusable:
        write it again.

    Returns
    -------
    str
        The sum, as 64 hexadecimal digits.

    Raises
    ------
    OSError
        It cannot be read or written, or does not end like a Parquet file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> _ = path.write_bytes(b"PAR1 pages, footer" + (6).to_bytes(4, "little") + b"PAR1")
    >>> added = add_sum(path)
    >>> path.read_bytes().partition(MAGIC)[0], check_sum(path)
    (b'PAR1 pages, ', True)
    """
    with path.open("r+b") as file:
        start = _footer_start(file)
        if start is None:
            raise OSError(errno.EIO, f"{path}: not a whole Parquet file")
        file.seek(start)
        footer = file.read()
        digest = _digest(file, start, MAGIC + footer)
        file.seek(start)
        file.write(MAGIC + digest + footer)
    return digest.hex()


def has_sum(path: Path, files: Files = LOCAL) -> bool:
    """Whether a file has a sum, right or wrong; reads a few bytes of it, by ``files``.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with files.open(path) as file:
        start = _footer_start(file)
        return start is not None and _stored_sum(file, start) is not None


def is_whole(path: Path) -> bool:
    """Whether a file ends as a Parquet file does.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        return _footer_start(file) is not None


def check_sum(path: Path, files: Files = LOCAL) -> bool:
    """Read a Parquet file, in parts and by ``files``, and compare its sum.

    Returns
    -------
    bool
        False if it has none: another program or an earlier release wrote it, or it is truncated,
        which every reader notices.

    Raises
    ------
    DamagedFile
        The sum is wrong or damaged.
    OSError
        It cannot be read.
    """
    with files.open(path) as file:
        start = _footer_start(file)
        if start is None:
            return False
        stored = _stored_sum(file, start)
        file.seek(start)
        footer = file.read()
        if stored is None:
            if FORMAT_KEY.encode() in footer and _WRITER in footer:
                raise _damaged(path, "the mark of its checksum has changed since it was written")
            return False
        if _digest(file, start - len(MAGIC) - _SUM_BYTES, MAGIC + footer) != stored:
            raise _damaged(path, "it has changed since it was written")
    return True


def check_whole(path: Path) -> None:
    """Check the sum of a file, and that it ends as a Parquet file does.

    Raises
    ------
    DamagedFile
        The sum is wrong or damaged, or the file is truncated.
    OSError
        It cannot be read.
    """
    if not check_sum(path) and not is_whole(path):
        raise _damaged(path, "not a whole Parquet file")


def check_sums(paths: Iterable[Path]) -> None:
    """Check the sums of several files.

    Raises
    ------
    DamagedFile
        Names each file whose sum is wrong or damaged.
    OSError
        One of them cannot be read.
    """
    problems, remedy = [], ""
    for path in paths:
        try:
            check_sum(path)
        except DamagedFile as error:
            problems.append(error.problem)
            remedy = error.remedy
    if problems:
        raise DamagedFile(", ".join(problems), remedy)


def _damaged(path: Path, reason: str) -> DamagedFile:
    return DamagedFile(f"{path}: {reason}", "restore it from a backup or move it away")


def _footer_start(file: BinaryIO) -> int | None:
    """Offset of the footer; None if the file does not end like a Parquet file."""
    tail = 4 + len(_PARQUET)
    size = file.seek(0, 2)
    if size < len(_PARQUET) + tail:
        return None
    file.seek(size - tail)
    length, end = int.from_bytes(file.read(4), "little"), file.read()
    start = size - tail - length
    return start if end == _PARQUET and start >= len(_PARQUET) else None


def _stored_sum(file: BinaryIO, start: int) -> bytes | None:
    """The sum before the footer, None if there is none."""
    at = start - len(MAGIC) - _SUM_BYTES
    if at < len(_PARQUET):
        return None
    file.seek(at)
    if file.read(len(MAGIC)) != MAGIC:
        return None
    return file.read(_SUM_BYTES)


def _digest(file: BinaryIO, end: int, rest: bytes) -> bytes:
    """SHA-256 of the file up to ``end``, and of ``rest``."""
    digest = hashlib.sha256()
    file.seek(0)
    while end and (chunk := file.read(min(_CHUNK, end))):
        digest.update(chunk)
        end -= len(chunk)
    digest.update(rest)
    return digest.digest()
