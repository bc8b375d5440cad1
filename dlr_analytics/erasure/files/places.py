"""Folders of days on another disk, behind symbolic links.

Old days may be moved to another disk, with a link in their place. Files are not renamed from one
disk to another, and folders not exchanged: the new contents of such a day are prepared beside the
folder that the link leads to, in ``.dlr-erase-<name>-<inode>``. Files that are added to such a day
are copied there first, to ``.dlr-copy-<name>-<file>``. Other links have no place in a data
directory: what they lead to would stay when the link is replaced or removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dlr_analytics.errors import UsageError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import COPY
from dlr_analytics.store.receipts.scanning import list_entries, scan_folder

PREFIX: Final = "erase-"
"""Of the names of folders in ``staging/``."""

UNFINISHED: Final = "tmp_"
"""What DuckDB puts before the name of a file that it is writing."""

_ELSEWHERE: Final = ".dlr-erase-"
"""Of the names of folders on another disk."""


def staged_folder(data: Path, folder: Path) -> Path:
    """Where the new contents of a folder below ``receipts/`` are prepared.

    The name has the inode of the folder.
    """
    status = folder.stat()
    if status.st_dev == data.stat().st_dev:
        return layout.staging(data) / f"{PREFIX}{folder.name}-{status.st_ino}"
    place = Path(os.path.realpath(_day_of(data, folder)))
    return place.with_name(f"{_ELSEWHERE}{place.name}-{status.st_ino}")


def _day_of(data: Path, folder: Path) -> Path:
    receipts = layout.receipts(data)
    return receipts / folder.relative_to(receipts).parts[0]


def draft_of(staged: Path) -> Path:
    """The file that is written for a staging folder, until it gets its name in it."""
    return staged.with_name(f"{staged.name}.draft")


def staged_elsewhere(data: Path) -> Iterator[tuple[Path, Path]]:
    """What killed runs left on other disks, each with the link of its day."""
    for folder in map(Path, sorted(entry.path for entry in scan_folder(layout.receipts(data)))):
        if folder.is_symlink() and folder.is_dir():
            place = Path(os.path.realpath(folder))
            for entry in list_entries(place.parent):
                name = entry.name.removeprefix(UNFINISHED)
                if name.startswith((f"{_ELSEWHERE}{place.name}-", f"{COPY}{place.name}-")):
                    yield folder, Path(entry.path)


def check_links(data: Path) -> None:
    """Check that no link leads to what would stay: only those of days are allowed.

    Raises
    ------
    UsageError
        There is another link.
    """
    for name in layout.SUBFOLDERS:
        root = data / name
        if root.is_symlink() and (not root.is_dir() or root.stat().st_dev != data.stat().st_dev):
            raise UsageError(
                f"{root}: a link to {os.path.realpath(root)}, which is no folder on the disk of"
                f" {data}",
                "move the folder back to its place; only folders of days may be on another disk",
            )
        if root != layout.staging(data):
            for path in _links(root):
                if root != layout.receipts(data) or path.parent != root or not path.is_dir():
                    raise UsageError(
                        f"{path}: a link to {os.path.realpath(path)}, which would stay",
                        "put what it leads to in its place; only folders of days may be links",
                    )


def _links(folder: Path) -> Iterator[Path]:
    """All links below a folder, those behind links of days too."""
    for path in map(Path, sorted(entry.path for entry in scan_folder(folder))):
        if path.is_symlink():
            yield path
        if path.is_dir():
            yield from _links(path)
