"""Build a release: ``make release``, on the commit with the tag ``vVERSION``.

It checks that the tag, the package and the changelog agree, builds wheel and sdist twice from the
commit (not from the folder, which may have other files) and compares them byte by byte, has twine
check them, and puts them into ``dist/``. It uploads nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).parents[2]


def stop(problem: str, remedy: str) -> NoReturn:
    """Exit with one line."""
    print(f"release: {problem}; {remedy}", file=sys.stderr)
    raise SystemExit(2)


def version_of(text: str) -> str:
    """The version that ``dlr_analytics/__init__.py`` states."""
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        stop("dlr_analytics/__init__.py has no __version__", "add it")
    return found[1]


def check(version: str, tags: list[str], changelog: str) -> None:
    """Exit if tag and changelog do not fit the version."""
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", version):
        stop(f"{version} is not a version", "write it like 1.2.3 or 1.2.3rc1")
    if f"v{version}" not in tags:
        stop(f"this commit has no tag v{version}", f"git tag -a v{version}, or change the version")
    first = re.search(r"^## (.+)$", changelog, re.MULTILINE)
    if first is None or not re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", first[1]):
        heading = first[1] if first else "nothing"
        stop(f"CHANGELOG.md begins with {heading}", f"head it with {version} and (YYYY-MM-DD)")


def git(*arguments: str) -> str:
    """What git says."""
    return subprocess.run(  # noqa: S603 - fixed words
        ["git", *arguments],  # noqa: S607 - the user's git
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def build(folder: Path, made_at: str) -> dict[str, bytes]:
    """Build both from the commit in a fresh folder; bytes by file name."""
    folder.mkdir()
    archive = folder / "source.tar"
    git("archive", f"--output={archive}", "HEAD")
    with tarfile.open(archive) as source:
        source.extractall(folder / "source", filter="data")
    done = subprocess.run(  # noqa: S603 - fixed words
        [sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(folder / "source")],
        check=False,
        capture_output=True,
        text=True,
        env={**_environment(), "SOURCE_DATE_EPOCH": made_at},
    )
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        stop("the build fails", "see above")
    return {path.name: path.read_bytes() for path in sorted((folder / "dist").iterdir())}


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def main() -> None:
    """Check, build twice, compare, and store."""
    version = version_of((ROOT / "dlr_analytics" / "__init__.py").read_text(encoding="utf-8"))
    if git("status", "--porcelain"):
        stop("the folder has changes that are not committed", "commit or stash them")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    check(version, git("tag", "--points-at", "HEAD").split(), changelog)
    made_at = git("log", "-1", "--format=%ct").strip()
    with tempfile.TemporaryDirectory() as folder:
        first, again = (build(Path(folder) / name, made_at) for name in ("first", "again"))
    if first != again:
        names = [name for name in first if again.get(name) != first[name]]
        stop(f"two builds differ: {', '.join(names)}", "find what depends on time or place")
    (ROOT / "dist").mkdir(exist_ok=True)
    paths = [ROOT / "dist" / name for name in first]
    for path in paths:
        path.write_bytes(first[path.name])
    checked = [sys.executable, "-m", "twine", "check", "--strict", *map(str, paths)]
    subprocess.run(checked, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed words
    for path in paths:
        print(hashlib.sha256(first[path.name]).hexdigest(), f"dist/{path.name}")


if __name__ == "__main__":
    main()
