"""The folders of the notebooks and the sample that are shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]

_INSTALLED: Final = _PACKAGE / "shipped"
"""What the wheel puts beside the modules; a checkout has it in its own folders."""


def notebooks_folder() -> Path:
    """Return the folder of the notebooks that come with the package.

    Examples
    --------
    >>> (notebooks_folder() / "04-cost.ipynb").is_file()
    True
    """
    return _folder("notebooks", "notebooks")


def sample() -> Path:
    """Return the data directory of the simulated sample.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> dlr.open(sample()).messages.count("*").fetchall()
    [(30000,)]
    """
    return _folder("sample", "data/sample")


def _folder(installed: str, in_checkout: str) -> Path:
    folder = _INSTALLED / installed
    return folder if folder.is_dir() else _PACKAGE.parent / in_checkout


def copy_missing(folder: Path) -> list[Path]:
    """Copy the notebooks that a folder does not have, and return the new files.

    Raises
    ------
    OSError
        If the folder or a file cannot be written; nothing that was there has changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for notebook in sorted(notebooks_folder().glob("*.ipynb")):
        path = folder / notebook.name
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(notebook.read_bytes())
        except OSError:
            path.unlink()  # half a notebook would never be completed
            raise
        made.append(path)
    return made
