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

Others' files may be named as they like: a new one may have the name of one that was merged, or one
like a compacted file's. So the digests of merged files with such names are kept too, under
``replaces_digests``: a file of that name with other contents is not replaced. Without a digest
(earlier releases) one that is younger than the compacted file is not. A file named like a compacted
one that has no ``replaces`` is a file like any other.

The prefix ``z-`` sorts last. A reader that lists a bucket page by page must meet the compacted file
after its inputs, or a compaction between two pages would hide rows from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Final

from dlr_analytics.store.connection import connect
from dlr_analytics.store.parquet.checksum import FORMAT_KEY
from dlr_analytics.store.receipts.files import LOCAL, Files
from dlr_analytics.store.sql import from_parquet

FOOTER_KEY: Final = "replaces"
DIGESTS_KEY: Final = "replaces_digests"
PREFIX: Final = "z-"

_COUNTED: Final = re.compile(r"z-\d+\.parquet")
"""Names of earlier releases: every host has them."""

_UNIQUE: Final = re.compile(r"z-\d+-[0-9a-z]{8,}\.parquet|[0-9a-z]{8,}-\d{6,}\.parquet")
"""Names that are never given twice, those of sealed files among them."""

_RANDOM: Final = re.compile(r"[0-9a-f]{16}\.parquet")
"""Names of files of send records, which are never given twice either."""

_NAME: Final = re.compile(r"z-(\d+)(?:-[0-9a-z]+)?\.parquet")


@dataclass(frozen=True, slots=True)
class _Footer:
    """Names of the files that a file replaces, and ``digest name`` of others' files.

    A file that is named like a compacted one and is none has an empty footer. ``has_format`` tells
    files of releases that write checksums from those of earlier ones.
    """

    names: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    has_format: bool = False


def is_compacted(path: Path) -> bool:
    """Whether a file has the name of a compacted file."""
    return path.name.startswith(PREFIX)


def file_name(generation: int, checksum: str) -> str:
    """Name of a compacted file; ``checksum`` is that of its contents, in hexadecimal.

    Examples
    --------
    >>> file_name(3, "8a80255f735df7a7dc81a25e3d7fc9e1")
    'z-000003-8a80255f735df7a7.parquet'
    """
    return f"{PREFIX}{generation:06d}-{checksum[:16]}.parquet"


def footer_of(inputs: Iterable[Path], superseded: Iterable[Path]) -> dict[str, str]:
    """The keys and values that go into the footer of a file merged from ``inputs``.

    Raises
    ------
    OSError, duckdb.Error
        One of the inputs is damaged or has vanished.
    """
    inputs = list(inputs)
    footers = _footers(inputs)
    names = {path.name for path in (*inputs, *superseded)}
    return _as_keys(names, _digests(inputs, footers))


def successor_footer(path: Path) -> dict[str, str]:
    """The keys and values of a file that replaces ``path``, and all that it replaces.

    Raises
    ------
    OSError, duckdb.Error
        It is damaged or has vanished.
    """
    footers = _footers([path])
    own = footers[path].names if path in footers else frozenset()
    return _as_keys({path.name, *own}, _digests([path], footers))


def _digests(inputs: Iterable[Path], footers: Mapping[Path, _Footer]) -> set[str]:
    """Digests and names of inputs whose names may be given again."""
    digests = {line for footer in footers.values() for line in footer.digests}
    for path in inputs:
        if not (footers[path].names if path in footers else _UNIQUE.fullmatch(path.name)):
            digests.add(f"{LOCAL.digest(path)} {path.name}")
    return digests


def _as_keys(names: set[str], digests: set[str]) -> dict[str, str]:
    values = {FOOTER_KEY: names, DIGESTS_KEY: digests}
    return {key: "\n".join(sorted(lines)) for key, lines in values.items() if lines}


def is_unique(name: str) -> bool:
    """Whether a name of a file is never given twice, so that it identifies contents.

    Examples
    --------
    >>> is_unique("k3f9x2ab-000007.parquet"), is_unique("part-0.parquet")
    (True, False)
    """
    return bool(_UNIQUE.fullmatch(name) or _RANDOM.fullmatch(name))


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


def replaced_files(paths: Iterable[Path], files: Files = LOCAL) -> frozenset[Path]:
    """The files that the compacted ones among ``paths`` replace, existing or not.

    ``files`` reads them.

    Raises
    ------
    duckdb.Error
        One of them is damaged or has vanished.
    """
    return _replaced(_footers(paths, files), files)


def doubled(paths: Iterable[Path], files: Files = LOCAL) -> dict[Path, str]:
    """Files of one day that have receipts of others of it, each with the reason.

    Hosts that compact copies of the same files, and others beside them, make them; ``files`` reads.

    Raises
    ------
    duckdb.Error
        One of them is damaged or has vanished.
    """
    footers = _footers(paths, files)
    names = {path: footer.names for path, footer in footers.items()}
    reasons = {}
    for path, other in permutations(sorted(names.keys() - _replaced(footers, files)), 2):
        shared = list(filter(_UNIQUE.fullmatch, sorted(names[path] & names[other])))
        if shared and not _took_names_only(path, other, footers, files):
            reasons[path] = f"{other.name} stands for {shared[0]} too: its receipts count twice"
    return reasons


def _took_names_only(
    path: Path, other: Path, footers: Mapping[Path, _Footer], files: Files
) -> bool:
    """Whether one is of an earlier release and lacks receipts of the other.

    See :func:`_covers`.
    """
    earlier, later = sorted((path, other), key=lambda each: footers[each].has_format)
    if footers[earlier].has_format or not footers[later].has_format:
        return False
    columns = "received_at, message_id, status"
    with connect() as connection:
        files.attach(connection)
        lacking = connection.execute(
            f"select {columns} from {from_parquet([later])}"
            f" except all select {columns} from {from_parquet([earlier])} limit 1"
        ).fetchall()
    return bool(lacking)


def mixed_up(paths: Iterable[Path], files: Files = LOCAL) -> dict[Path, str]:
    """Files of one day whose receipts or names clash, each with the reason.

    ``files`` reads them.

    Raises
    ------
    duckdb.Error
        One of them is damaged or has vanished.
    """
    footers = _footers(paths, files)
    names = {path: footer.names for path, footer in footers.items()}
    replaced = _replaced(footers, files)
    reasons = {}
    for path, other in permutations(sorted(names), 2):
        if path in replaced and names[path] <= names[other]:
            reasons[path] = f"{other.name} stands for the same files; dlr compact removes this one"
        elif path not in replaced and path.name in names[other]:
            reasons[path] = f"{other.name} replaced a file of another host with this name"
    return reasons | doubled(footers, files)


def _replaced(footers: Mapping[Path, _Footer], files: Files) -> frozenset[Path]:
    """What compacted files replace, by the footer of each."""
    by_day: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in sorted(footers):
        by_day[path.parent].append(path)
    replaced = {
        path.with_name(name)
        for path, footer in footers.items()
        for name in footer.names - {path.name}  # a name of another host's, or of another release's
        if _is_replaced(path.with_name(name), path, footers, files)
    }
    for day in by_day.values():
        for path, other in permutations(day, 2):
            if other not in replaced and _covers(footers[other], footers[path]):
                replaced.add(path)
    return frozenset(replaced)


def _is_replaced(path: Path, by: Path, footers: Mapping[Path, _Footer], files: Files) -> bool:
    """Whether a file, if it exists, is the one that a compacted file replaced."""
    footer, own = footers[by], footers.get(path)
    if own is not None and own.names:
        return own.names <= footer.names
    if own is None and _UNIQUE.fullmatch(path.name):
        return True
    digests = {line for line in footer.digests if line.endswith(f" {path.name}")}
    try:
        if digests:
            return f"{files.digest(path)} {path.name}" in digests
        return files.changed_at(path) <= files.changed_at(by) and own is None
    except FileNotFoundError:
        return True


def _covers(by: _Footer, of: _Footer) -> bool:
    """Whether a file has all receipts of another, by what they replace.

    An earlier release leaves a file alone that has columns it does not know, and yet writes its
    names into the file that it merges beside it: that one has other receipts.
    """
    names, others = by.names, of.names
    return (
        others <= names
        and by.has_format >= of.has_format
        and any(map(_UNIQUE.fullmatch, others))
        and all(_UNIQUE.fullmatch(name) or _COUNTED.fullmatch(name) for name in others)
    )


def _footers(paths: Iterable[Path], files: Files = LOCAL) -> dict[Path, _Footer]:
    """The files among ``paths`` that are named like a compacted one: their footers."""
    compacted = {str(path): path for path in paths if is_compacted(path)}
    if not compacted:
        return {}
    with connect() as connection:
        files.attach(connection)
        rows = connection.execute(
            "select file_name, decode(key), decode(value) from parquet_kv_metadata($1)"
            " where decode(key) in ($2, $3, $4)",
            [list(compacted), FOOTER_KEY, DIGESTS_KEY, FORMAT_KEY],
        ).fetchall()
    found = {(compacted[file], key): frozenset(text.split("\n")) for file, key, text in rows}
    none: frozenset[str] = frozenset()
    return {
        path: _Footer(
            found.get((path, FOOTER_KEY), none),
            found.get((path, DIGESTS_KEY), none),
            (path, FORMAT_KEY) in found,
        )
        for path in compacted.values()
    }
