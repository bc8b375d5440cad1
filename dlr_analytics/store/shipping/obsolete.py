"""Files of a bucket that no longer count: replaced here by others, or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.receipts import generations
from dlr_analytics.store.receipts.scanning import stored_files
from dlr_analytics.store.shipping.files import withdrawn_names


def obsolete_names(data: Path) -> frozenset[str]:
    """Names of files that must not be fetched, and whose objects are deleted.

    Only names that are never given twice: of a name that other programs give, the contents decide.

    Raises
    ------
    DamagedFile
        A compacted file cannot be read.
    """
    replaced = replaced_by(map(Path, stored_files(layout.receipts(data), ".parquet")))
    unique = (path for path in replaced if generations.is_unique(path.name))
    return withdrawn_names(data) | {path.relative_to(data).as_posix() for path in unique}


def replaced_by(paths: Iterable[Path]) -> frozenset[Path]:
    """The files that the compacted ones among ``paths`` replace, existing or not.

    Raises
    ------
    DamagedFile
        One of them cannot be read.
    """
    try:
        return generations.replaced_files(filter(generations.is_compacted, paths))
    except duckdb.Error as error:
        raise DamagedFile(str(error).partition("\n")[0], "run dlr verify to see which") from None
