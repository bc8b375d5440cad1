"""Compacted files and the files that they replace.

A compacted file is ``z-<generation>-<part>.parquet``. Its Parquet footer has a key ``replaces``:
the names of its inputs and of everything that an earlier compacted file of its day replaced. This
is the only record of a compaction; no manifest could disagree with the folder. It answers:

- Which files must a reader skip? Those that a compacted file beside them replaces. After a crash,
  or where folders cannot be exchanged, both exist for a while.
- Has a journal been sealed already? Yes, if its sealed file exists, or a compacted file of its day
  replaces that name. The journal's name alone is not enough: a crash between sealing and removing
  the journal, followed by two compactions, would store its receipts twice. That is why the names
  accumulate over the generations.

The part is a hash of the contents, so that the folders of two hosts can be joined by copying: files
with one name have the same receipts. Earlier releases wrote ``z-<generation>.parquet``, a name that
every host has. Such a name in ``replaces`` may mean the file of another host. Since names
accumulate, a compacted file is replaced by one that replaces all that it replaces itself, whatever
its name: of a host that compacts what another has collected and compacted, one of both counts.

The prefix ``z-`` sorts last. A reader that lists a bucket page by page must meet the compacted file
after its inputs, or a compaction between two pages would hide rows from it.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import permutations
from pathlib import Path
from typing import Final

from dlr_analytics.store.connection import connect

FOOTER_KEY: Final = "replaces"
PREFIX: Final = "z-"

_COUNTED: Final = re.compile(r"z-\d+\.parquet")
"""Names of earlier releases: every host has them."""

_UNIQUE: Final = re.compile(r"z-\d+-[0-9a-z]+\.parquet|[0-9a-z]{2,}-\d{6,}\.parquet")
"""Names that are never given twice, those of sealed files among them."""

_NAME: Final = re.compile(r"z-(\d+)(?:-[0-9a-z]+)?\.parquet")


def is_compacted(path: Path) -> bool:
    """Whether a file has the name of a compacted file."""
    return path.name.startswith(PREFIX)


def file_name(generation: int, contents: Path) -> str:
    """Name of a compacted file with the contents of a finished file.

    Examples
    --------
    >>> import tempfile
    >>> draft = Path(tempfile.mkdtemp()) / "draft"
    >>> _ = draft.write_bytes(b"PAR1 ... PAR1")
    >>> file_name(3, draft)
    'z-000003-8a80255f735df7a7.parquet'
    """
    with contents.open("rb") as file:
        part = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    return f"{PREFIX}{generation:06d}-{part}.parquet"


def generation_of(path: Path) -> int:
    """Generation of a file; 0 if it is not a compacted one.

    Examples
    --------
    >>> names = "z-000003-8a80255f735df7a7.parquet", "z-000002.parquet", "k3f9x2ab-000007.parquet"
    >>> [generation_of(Path(name)) for name in names]
    [3, 2, 0]
    """
    match = _NAME.fullmatch(path.name)
    return 0 if match is None else int(match[1])


def replaced_files(paths: Iterable[Path]) -> frozenset[Path]:
    """The files that the compacted ones among ``paths`` replace, existing or not.

    Raises
    ------
    duckdb.Error
        One of them is damaged or has vanished.
    """
    return _replaced(_replaced_names(paths))


def doubled(paths: Iterable[Path]) -> dict[Path, str]:
    """Files of one day that have receipts of others of it, each with the reason.

    Two hosts that compact copies of the same files, and others beside them, make such files.

    Raises
    ------
    duckdb.Error
        One of them is damaged or has vanished.
    """
    names = _replaced_names(paths)
    reasons = {}
    for path, other in permutations(sorted(names.keys() - _replaced(names)), 2):
        if shared := list(filter(_UNIQUE.fullmatch, sorted(names[path] & names[other]))):
            reasons[path] = f"{other.name} stands for {shared[0]} too: its receipts count twice"
    return reasons


def mixed_up(paths: Iterable[Path]) -> dict[Path, str]:
    """Files of one day whose receipts or names clash, each with the reason.

    Raises
    ------
    duckdb.Error
        One of them is damaged or has vanished.
    """
    names = _replaced_names(paths)
    replaced = _replaced(names)
    reasons = {}
    for path, other in permutations(sorted(names), 2):
        if path in replaced and names[path] <= names[other]:
            reasons[path] = f"{other.name} stands for the same files; dlr compact removes this one"
        elif path not in replaced and path.name in names[other]:
            reasons[path] = f"{other.name} replaced a file of another host with this name"
    return reasons | doubled(names)


def _replaced(names: Mapping[Path, frozenset[str]]) -> frozenset[Path]:
    """What compacted files replace; ``names`` has those in the footer of each."""
    by_day: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in sorted(names):
        by_day[path.parent].append(path)
    replaced = {
        path.with_name(name)
        for path, known in names.items()
        for name in known
        if names.get(path.with_name(name), frozenset()) <= known
    }
    for day in by_day.values():
        for path, other in permutations(day, 2):
            if other not in replaced and _covers(names[other], names[path]):
                replaced.add(path)
    return frozenset(replaced)


def _covers(names: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a file that replaces ``names`` has all receipts of ``others``."""
    return (
        others <= names
        and any(map(_UNIQUE.fullmatch, others))
        and all(_UNIQUE.fullmatch(name) or _COUNTED.fullmatch(name) for name in others)
    )


def _replaced_names(paths: Iterable[Path]) -> dict[Path, frozenset[str]]:
    """The compacted files among ``paths``, each with the names in its footer."""
    compacted = {str(path): path for path in paths if is_compacted(path)}
    if not compacted:
        return {}
    with connect() as connection:
        rows = connection.execute(
            "select file_name, decode(value) from parquet_kv_metadata($1) where decode(key) = $2",
            [list(compacted), FOOTER_KEY],
        ).fetchall()
    footers = {compacted[file]: frozenset(names.split("\n")) for file, names in rows}
    return {path: footers.get(path, frozenset()) for path in compacted.values()}
