"""Files of send records, written again without those that are removed.

A file's successor is named by its contents, so that a run that was killed between writing it and
removing the old one writes the same file again. Records that stand twice for a moment change
nothing: equal ones count once.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dlr_analytics.erasure.files.rewriting import Rewriter
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts.merge import row_count
from dlr_analytics.store.shipping.files import withdraw

DRAFT = "erase-sends.draft"
"""Name of the staged file."""


def rewrite_sends(
    data: Path, files: Iterable[Path], rewriter: Rewriter, calls: SystemCalls = REAL
) -> None:
    """Write files of send records again; one without records is only removed.

    The caller holds the lock of imports.

    Raises
    ------
    OSError, duckdb.Error
        Every record that stays is still there.
    """
    draft = layout.staging(data) / DRAFT
    make_folder(draft.parent, calls)
    for path in files:
        try:
            checksum = rewriter.write(path, draft)
            with connect() as connection:
                is_empty = not row_count([draft], connection)
            if not is_empty:
                atomic_rename(draft, path.with_name(f"{checksum[:16]}.parquet"), calls)
            withdraw(data, [path], calls)
            calls.unlink(path)
            calls.sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
