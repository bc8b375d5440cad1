"""Print the lowest versions of the dependencies that pyproject.toml allows, as constraints."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def lowest(requirements: Iterable[str]) -> Iterator[str]:
    """Each requirement at its lower limit.

    >>> list(lowest(["click>=8.2", "duckdb>=2,<3", "x[y]>=1.0"]))
    ['click==8.2', 'duckdb==2', 'x==1.0']
    """
    for one in requirements:
        found = re.fullmatch(r"([\w.-]+)(?:\[[^\]]*\])?>=([\w.]+)(?:,.*)?", one)
        assert found, f"{one} has no lower limit"
        yield f"{found[1]}=={found[2]}"


def main() -> None:
    """Print one a line."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"].values()
    print("\n".join(lowest([*project["dependencies"], *(one for some in extras for one in some)])))


if __name__ == "__main__":
    main()
