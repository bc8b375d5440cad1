"""Where the notebooks and the sample are that come with the package."""

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
    [(3000,)]
    """
    return _folder("sample", "data/sample")


def _folder(installed: str, in_checkout: str) -> Path:
    folder = _INSTALLED / installed
    return folder if folder.is_dir() else _PACKAGE.parent / in_checkout
