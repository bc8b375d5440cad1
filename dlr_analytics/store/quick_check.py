"""What can be seen of the data directory without reading it; looked at when a receiver starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.layout import JournalName, QuarantineName
from dlr_analytics.store.receipts.listing import stored_files

_MAGIC: Final = b"PAR1"


def quick_check(data: Path) -> Iterator[str]:
    """A sentence for each file that is not what it should be. None of them is touched."""
    for folder in (layout.journal(data), layout.quarantine(data)):
        for path in sorted(folder.glob("*")):
            if has_unknown_name(path):
                yield f"{path}: not a name that we give; left alone"
    try:
        paths = stored_files(layout.receipts(data), ".parquet")
    except OSError as error:
        yield f"{error.filename}: {error.strerror}; what is in it was not looked at"
        return
    for path in sorted(map(Path, paths)):
        yield from _findings(path)


def _findings(path: Path) -> Iterator[str]:
    try:
        if is_truncated(path):
            yield f"{path}: not a whole Parquet file; restore it or move it away"
    except FileNotFoundError:
        if path.is_symlink():  # else it was compacted since it was listed
            yield f"{path}: a link that leads nowhere; fix it or remove it"
    except OSError as error:
        yield f"{path}: {error.strerror or error}; restore it or move it away"


def has_unknown_name(path: Path) -> bool:
    """Whether a file in the journal or the quarantine is one that no receiver has put there."""
    return JournalName.parse(path.name) is None and QuarantineName.parse(path.name) is None


def is_truncated(path: Path) -> bool:
    """Whether a Parquet file lacks its beginning or its end.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "half.parquet"
    >>> _ = path.write_bytes(b"PAR1, and then the disk was full")
    >>> is_cut(path)
    True
    """
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
        file.seek(-min(len(_MAGIC), path.stat().st_size), 2)
        return start != _MAGIC or file.read() != _MAGIC
