"""Write the requirements of the image with versions and hashes: ``make lock``.

``requirements.txt`` has what dlr_analytics needs there, ``requirements-build.txt`` what builds it.
pip resolves both for the image's Python on x86-64 and ARM, from the index that it is configured
for; the files name no index, since a hash is the same wherever a file comes from.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
PYTHON: Final = "3.11"
"""Of the image, as in the Dockerfile."""

PLATFORMS: Final = ("x86_64", "aarch64")
MANYLINUX: Final = (
    "manylinux_2_28",
    "manylinux_2_27",
    "manylinux_2_24",
    "manylinux_2_17",
    "manylinux2014",
)

NOT_FOR_IT: Final = ("pandas", "plotly")
"""Data frames and charts in notebooks. Without them and numpy the image is a third as large; every
command works, ``dlr notebook --html`` and ``dlr lab`` excepted."""

Locked = dict[str, tuple[str, set[str]]]
"""Version and SHA-256 hashes by name."""


def resolve(requirements: Iterable[str], platform: str) -> Locked:
    """Resolve requirements and all that they need for a platform, with pip."""
    wanted = [f"--platform={one}_{platform}" for one in MANYLINUX]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = (
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"),
            *("--quiet", "--only-binary=:all:", f"--python-version={PYTHON}", *wanted),
            *(f"--target={folder}/target", f"--report={report}", *requirements),
        )
        subprocess.run(command, check=True)  # noqa: S603 - pip, with names from pyproject.toml
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {one["metadata"]["name"].lower(): _version_and_hash(one) for one in found}


def _version_and_hash(
    found: Mapping[str, dict[str, dict[str, dict[str, str]]]],
) -> tuple[str, set[str]]:
    hashes = found["download_info"]["archive_info"]["hashes"]
    return str(found["metadata"]["version"]), {hashes["sha256"]}


def merged(platforms: Iterable[Locked]) -> Locked:
    """The hashes of all platforms; exits if a version differs between two."""
    together: Locked = {}
    for locked in platforms:
        for name, (version, hashes) in locked.items():
            known, others = together.get(name, (version, set()))
            if known != version:
                raise SystemExit(f"{name} is {known} for one platform and {version} for another")
            together[name] = version, others | hashes
    return together


def of_image(project: Mapping[str, Any]) -> list[str]:
    """What the image needs: the dependencies that it has a use for, and those of a bucket."""
    described = project["project"]
    needed = [*described["dependencies"], *described["optional-dependencies"]["s3"]]
    return [one for one in needed if not one.startswith(NOT_FOR_IT)]


def text_of(locked: Locked) -> str:
    """A requirements file for ``pip install --require-hashes``."""
    lines = [f"# For Python {PYTHON} on Linux, glibc. Written by `make lock`; do not edit."]
    for name, (version, hashes) in sorted(locked.items()):
        marks = " \\\n".join(f"    --hash=sha256:{one}" for one in sorted(hashes))
        lines.append(f"{name}=={version} \\\n{marks}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both files."""
    project = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    for file, requirements in (
        ("requirements.txt", of_image(project)),
        ("requirements-build.txt", project["build-system"]["requires"]),
    ):
        locked = merged(resolve(requirements, platform) for platform in PLATFORMS)
        (HERE / file).write_text(text_of(locked), encoding="utf-8")


if __name__ == "__main__":
    main()
