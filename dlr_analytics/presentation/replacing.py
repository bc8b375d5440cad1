"""Replace a file by a new one only once the new one is whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from dlr_analytics.errors import UsageError


def check_place(path: Path, elsewhere: str) -> None:
    """Check that a file can be written to a path, before anything is computed.

    Raises
    ------
    UsageError
        If its folder does not exist, or if it is a folder itself; the remedy is ``elsewhere``.
    """
    if not path.parent.is_dir():
        raise UsageError(f"no folder {path.parent}", f"create it, or {elsewhere}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", elsewhere)


def replace_file(path: Path, write: Callable[[Path], None], elsewhere: str) -> None:
    """Write a draft beside a file, then rename it over the file.

    Parameters
    ----------
    path : Path
        The file; a link is followed, the mode of an existing file kept.
    write : callable
        Writes the whole file to the path that it is given.
    elsewhere : str
        The remedy where it cannot be written, as an imperative.

    Raises
    ------
    UsageError
        If the file cannot be written. What was there before is there still, and no draft is left.
    """
    try:
        with contextlib.suppress(FileNotFoundError):
            path.stat()  # raises in a loop of links, for which realpath gives one of them
        _write_beside(Path(os.path.realpath(path)), write)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}", elsewhere) from None


def _write_beside(path: Path, write: Callable[[Path], None]) -> None:
    draft = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        write(draft)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
