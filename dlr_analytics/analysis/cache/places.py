"""Where a data directory is: a folder of this machine, or a bucket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from dlr_analytics.settings.bucket_path import BucketPath
from dlr_analytics.store.atomic import existing_folder
from dlr_analytics.store.receipts.files import LOCAL, Files
from dlr_analytics.store.receipts.listing import Listing, list_data


def lister(data: Path) -> Callable[[], Listing]:
    """A function that lists what is stored whenever it is called.

    Raises
    ------
    MissingTool
        If it is in a bucket, and the extra ``s3`` is not installed.

    Examples
    --------
    >>> len(lister(Path("data/sample"))().sends)
    1
    """
    if isinstance(data, BucketPath):
        # Imported here: what is on this machine needs no optional package.
        from dlr_analytics.bucket.files import open_bucket

        return open_bucket(data).list
    return partial(list_data, data)


def existing(data: Path) -> Callable[[], Listing]:
    """As :func:`lister`, of a data directory that is there and can be read.

    Raises
    ------
    DataFolderMissing
        If it does not exist.
    BucketError
        If the bucket cannot be read, or has no data there.
    """
    found = lister(data)
    if isinstance(data, BucketPath):
        found()
    else:
        existing_folder(data)  # listing all files would take longer
    return found


def files_at(data: Path) -> Files:
    """What reads the files of a data directory; errors as of :func:`existing`."""
    if isinstance(data, BucketPath):
        return lister(data)().files
    existing_folder(data)
    return LOCAL
