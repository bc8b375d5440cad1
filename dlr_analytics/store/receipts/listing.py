"""Listings of a data directory, while others add and remove files.

Each file is listed with its signature, size and modification time: equal signatures mean that a
file has not changed, which the cache of messages depends on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import existing_folder
from dlr_analytics.store.receipts.files import LOCAL, Files
from dlr_analytics.store.receipts.scanning import files_below, scan_folder, stored_files

FileSignature = tuple[int, int]
"""Size in bytes and modification time (ns) of a file."""


class FileVanished(Exception):
    """A listed file has been sealed or compacted since: list again."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a data directory, by path.

    ``journals`` are all files in the journal's folder; ``sealed`` and ``sends`` the Parquet files
    of receipts and send records, regardless of who wrote them; ``networks`` is the user's own file,
    if any; ``files`` reads them.
    """

    data: Path
    journals: Mapping[str, FileSignature]
    sealed: Mapping[str, FileSignature]
    sends: Mapping[str, FileSignature]
    networks: Mapping[str, FileSignature]
    files: Files = LOCAL

    def paths(self, names: Iterable[str]) -> list[Path]:
        """The paths of listed files, sorted by name."""
        return [type(self.data)(name) for name in sorted(names)]


def list_data(data: Path) -> Listing:
    """List a data directory now.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a name under ``receipts`` is a broken symbolic link.

    Examples
    --------
    >>> len(list_data(Path("data/sample")).sends)
    1
    """
    existing_folder(data)
    # In this order: a journal sealed after it was listed is among the sealed files.
    journals = _signatures(entry.path for entry in scan_folder(layout.journal(data)))
    sealed = _list_sealed(layout.receipts(data))
    sends = _signatures(files_below(layout.sends(data), ".parquet"))
    return Listing(data, journals, sealed, sends, _signatures([str(layout.user_networks(data))]))


def _list_sealed(receipts: Path) -> dict[str, FileSignature]:
    gone: set[str] = set()
    while True:
        paths = stored_files(receipts, ".parquet")
        signatures = _signatures(paths)
        before, gone = gone, set(paths).difference(signatures)
        if not gone:
            return signatures
        if broken := gone & before:
            raise DamagedFile(f"{min(broken)}: a broken symbolic link", "fix it or remove it")
        # compacted since it was listed


def _signatures(paths: Iterable[str]) -> dict[str, FileSignature]:
    """Signatures of those files that exist."""
    signatures = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            status = Path(path).stat()
            signatures[path] = status.st_size, status.st_mtime_ns
    return signatures
