"""Checks of the data directory that read no data; run when a receiver starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.layout import JournalName, QuarantineName
from dlr_analytics.store.receipts.scanning import stored_files

_MAGIC: Final = b"PAR1"


def quick_check(data: Path) -> Iterator[str]:
    """Report files with unknown names and incomplete Parquet files."""
    for folder in (layout.journal(data), layout.quarantine(data)):
        for path in sorted(folder.glob("*")):
            if has_unknown_name(path):
                yield f"{path}: unknown file name; ignored"
    try:
        paths = stored_files(layout.receipts(data), ".parquet")
    except OSError as error:
        yield f"{error.filename}: {error.strerror}; its contents were not checked"
        return
    for path in sorted(map(Path, paths)):
        yield from _findings(path)


def _findings(path: Path) -> Iterator[str]:
    try:
        if is_truncated(path):
            yield f"{path}: not a whole Parquet file; restore it or move it away"
    except FileNotFoundError:
        if path.is_symlink():  # else it was compacted since it was listed
            yield f"{path}: a broken symbolic link; fix it or remove it"
    except OSError as error:
        yield f"{path}: {error.strerror or error}; restore it or move it away"


def has_unknown_name(path: Path) -> bool:
    """Whether a file in the journal or the quarantine has an unknown name."""
    return JournalName.parse(path.name) is None and QuarantineName.parse(path.name) is None


def is_truncated(path: Path) -> bool:
    """Whether a Parquet file lacks its beginning or its end.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "half.parquet"
    >>> _ = path.write_bytes(b"PAR1, and then the disk was full")
    >>> is_truncated(path)
    True
    """
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
        file.seek(-min(len(_MAGIC), path.stat().st_size), 2)
        return start != _MAGIC or file.read() != _MAGIC
