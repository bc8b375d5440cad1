"""Verification: read back every file of the data directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import duckdb

from dlr_analytics.errors import DamagedFile
from dlr_analytics.settings.bucket_path import BucketPath
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import existing_folder
from dlr_analytics.store.connection import connect
from dlr_analytics.store.journal.codec import scan
from dlr_analytics.store.layout import parse_day_folder
from dlr_analytics.store.locks import try_lock
from dlr_analytics.store.parquet.checksum import check_sum, has_sum
from dlr_analytics.store.quick_check import has_unknown_name
from dlr_analytics.store.receipts.files import LOCAL, Files
from dlr_analytics.store.receipts.generations import is_compacted, mixed_up
from dlr_analytics.store.receipts.listing import FileVanished
from dlr_analytics.store.sql import AHEAD, from_parquet, literal
from dlr_analytics.webhook.receipt import ADDED_COLUMNS, COLUMNS


def files_to_check(data: Path, files: Files = LOCAL) -> list[Path]:
    """List every file that :func:`check_file` can check, sorted by name.

    Raises
    ------
    DataFolderMissing, NewerFormat
        If there is no such folder, or a newer release has written it.
    """
    if not isinstance(data, BucketPath):
        existing_folder(data)
    lines = (layout.journal(data), layout.quarantine(data))
    paths = [path for folder in lines for path in files.tree(folder)]
    return sorted(paths + parquet_files(data, files))


def parquet_files(data: Path, files: Files = LOCAL) -> list[Path]:
    """List the files in the folders of Parquet files, unordered."""
    others = (layout.sends(data), layout.messages(data))
    paths = [path for folder in others for path in files.tree(folder)]
    return [*files.in_days(layout.receipts(data)), *paths]


def check_file(path: Path, data: Path, files: Files = LOCAL) -> list[str]:
    """Describe what is wrong with one file; empty if it reads back as it was written.

    ``files`` reads it.

    Raises
    ------
    BucketError
        If nothing can be read there any more.
    """
    try:
        return _check_file(path, data, files)
    except DamagedFile as error:
        reason = error.problem.removeprefix(f"{path}: ").removeprefix(f"{path} ")
        return [reason + (_rebuild(path, data) or f"; {error.remedy}")]
    except FileVanished:
        return []


def _check_file(path: Path, data: Path, files: Files) -> list[str]:
    try:
        if path.is_symlink() and path.is_dir():
            return ["a link to a folder, which nobody reads; only folders of days may be links"]
        if path.parent in (layout.journal(data), layout.quarantine(data)):
            return list(_check_lines(path, files))
        if path.suffix in layout.PARQUET_SUFFIXES:
            return list(_check_parquet(path, data, files))
    except (OSError, duckdb.Error) as error:
        if not files.still_has([path]):
            # else it was sealed or replaced since it was listed
            return ["a broken symbolic link"] if path.is_symlink() else []
        return [str(error).splitlines()[0] + _rebuild(path, data)]
    return []


def _rebuild(path: Path, data: Path) -> str:
    """The remedy for a file of the cache; empty for others."""
    messages = layout.messages(data)
    derived = path.is_relative_to(messages)
    return f"; remove {messages}, and `dlr compact` rebuilds it" if derived else ""


def lacks_sum(path: Path, files: Files = LOCAL) -> bool:
    """Whether this is a Parquet file without a checksum: not every fault shows."""
    try:
        return path.suffix in layout.PARQUET_SUFFIXES and not has_sum(path, files)
    except (OSError, DamagedFile, FileVanished):
        return False  # sealed or replaced since it was listed, or :func:`check_file` names it


def _check_lines(path: Path, files: Files) -> Iterator[str]:
    if has_unknown_name(path):
        yield "unknown file name"
        return
    with _try_lock(path) as locked, files.open(path) as lines:
        found = scan(lines)
        is_empty = not lines.tell()
    for number, _ in found.damaged:
        yield f"line {number} is damaged"
    # A running writer may be in the middle of its last line.
    if locked and found.torn:
        yield "its last line is torn; it was never acknowledged"
    if locked and is_empty:
        yield "empty"


def _try_lock(path: Path) -> AbstractContextManager[bool]:
    """Lock a file without waiting; nobody writes an object of a bucket."""
    return nullcontext(enter_result=True) if isinstance(path, BucketPath) else try_lock(path)


def _check_parquet(path: Path, data: Path, files: Files) -> Iterator[str]:
    check_sum(path, files)
    source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    with connect() as connection:
        files.attach(connection)
        # A sum over hashes needs every value of every column, and so reads every page.
        connection.execute(f"select sum(hash(everything)) from {source} as everything").fetchall()
        if path.is_relative_to(layout.receipts(data)):
            names = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
            missing = [name for name in COLUMNS if name not in names | ADDED_COLUMNS]
            yield from (f"column {name} is missing" for name in missing)
            yield from _check_receipts(path, connection)
            if is_compacted(path):
                others = (other for other in files.below(path.parent) if _is_parquet(other))
                reason = mixed_up(others, files).get(path)
                yield from [reason] if reason else []


def _is_parquet(path: Path) -> bool:
    return path.suffix == ".parquet"


def _check_receipts(path: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    day = parse_day_folder(path.parent.name)
    # The hashes, since a value that does not fit its column's type only fails when it is read so.
    ((_, unusable, misplaced, ahead),) = connection.execute(
        "select sum(hash(typed)),"
        " count(*) filter (where received_at is null or message_id is null),"
        " count(*) filter (where received_at::date <> $day),"
        f" count(*) filter (where {AHEAD})"
        f" from {from_parquet([path])} as typed",
        {"day": day},
    ).fetchall()
    if unusable:
        yield f"{unusable} receipts without received_at or message_id"
    if misplaced:
        yield f"{misplaced} receipts of another day than the folder's"
    if ahead:
        yield f"{ahead} receipts more than a day ahead of the clock"
