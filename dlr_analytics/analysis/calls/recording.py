"""The only method of ``Database`` that writes: it records send times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from dlr_analytics.settings.bucket_path import BucketPath, read_only

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.store.receipts.staging import ImportCounts


def record_sends(self: Database, records: Iterable[Mapping[str, object]]) -> ImportCounts:
    """Store send times from your own code; receivers may run meanwhile.

    Parameters
    ----------
    records : iterable of mapping
        Each a submit response, or one message (``message_id``), with its ``sent_at``: a datetime,
        naive for UTC, or ISO 8601. Missing values of pandas are left out: of a data frame pass
        ``df.to_dict("records")``. Pass many at once: each call writes a file.

    Returns
    -------
    ImportCounts
        How many were ``new``, and how many ``known``: the same twice changes nothing.

    Raises
    ------
    UsageError
        If the database is in a bucket, or ``DLR_SHIP_TO`` is set: record them in the keeper's data
        directory.
    UnreadableValue
        If a record cannot be parsed; nothing is stored then.
    StoreError
        If it cannot be written.

    Examples
    --------
    >>> import datetime as dt, tempfile
    >>> import dlr_analytics as dlr
    >>> db = dlr.open(tempfile.mkdtemp())
    >>> db.record_sends([{"message_id": "0A", "sent_at": dt.datetime(2026, 11, 24, 8, 0)}])
    ImportCounts(new=1, known=0)
    """
    # Imported here: calls that only read start faster without.
    from dlr_analytics.importers.submit_responses import sends_of_records
    from dlr_analytics.settings import refuse_where_shipping
    from dlr_analytics.store import sends
    from dlr_analytics.webhook.privacy import Privacy

    if isinstance(self.data, BucketPath):
        raise read_only(self.data)
    refuse_where_shipping(self._settings, "record_sends")
    privacy = Privacy.from_settings(self._settings)
    return sends.record_sends(self.data, sends_of_records(records), privacy)
