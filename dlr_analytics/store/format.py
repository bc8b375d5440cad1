"""The format of a data directory, a whole number in its file ``format``.

Where the file is missing, the format is 1. A release that changes the meaning of what is stored, so
that earlier ones would misread it, writes a higher number. Every command checks it first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dlr_analytics.errors import DamagedFile, NewerFormat
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.files import LOCAL, Files

FORMAT: Final = 1
"""The highest format that this release reads and writes."""

_LONGEST: Final = 20
"""Bytes of the file that are read: no number is longer."""


def format_of(data: Path, files: Files = LOCAL) -> int:
    """Return the format of a data directory, checked; 1 where it does not say.

    ``files`` reads it.

    Raises
    ------
    NewerFormat
        A newer release has written it.
    DamagedFile
        The file does not hold a whole number.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> format_of(folder)
    1
    >>> _ = (folder / "format").write_text("7")
    >>> format_of(folder)
    Traceback (most recent call last):
    dlr_analytics.errors.NewerFormat: ... has format 7, and this release knows up to 1; ...
    """
    path = layout.format_file(data)
    try:
        with files.open(path) as file:
            text = file.read(_LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return 1
    except OSError as error:
        raise DamagedFile(f"{path}: {error.strerror or error}", "let it be read") from error
    return parse_format(text, data)


def parse_format(text: bytes, data: Path) -> int:
    """Return the format that the file of a data directory says, checked.

    Raises
    ------
    NewerFormat, DamagedFile
        As :func:`format_of`.
    """
    text = text.strip()
    path = layout.format_file(data)
    if not text.isdigit() or len(text) > _LONGEST or not int(text):
        raise DamagedFile(f"{path}: not a whole number above 0", "restore it from a backup")
    if int(text) > FORMAT:
        raise NewerFormat(
            f"{data} has format {int(text)}, and this release knows up to {FORMAT}",
            "upgrade dlr_analytics",
        )
    return int(text)
