"""What a data directory that ships its files cannot do."""

from __future__ import annotations

from dlr_analytics.errors import UsageError
from dlr_analytics.settings.schema import Settings


def refuse_where_shipping(settings: Settings, command: str) -> None:
    """Raise UsageError where ``DLR_SHIP_TO`` is set.

    What was shipped is no longer here: an import would find everything new again, a compaction
    would merge files that the keeper merges too, and an erasure would miss most of what there is.

    Examples
    --------
    >>> from dlr_analytics.settings.bucket_address import BucketAddress
    >>> refuse_where_shipping(Settings(ship_to=BucketAddress("sms")), "dlr import")
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: dlr import does not work where DLR_SHIP_TO is set: shipped ...
    """
    if settings.ship_to is not None:
        raise UsageError(
            f"{command} does not work where DLR_SHIP_TO is set: shipped files are not here",
            "run it on the keeper, between dlr pull and dlr publish, without DLR_SHIP_TO",
        )
