"""Opening a bucket from the usual AWS_ variables."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
from typing import TYPE_CHECKING, Final

from dlr_analytics.errors import MissingTool, SettingsError, UsageError
from dlr_analytics.settings.bucket_address import BucketAddress, parse_bucket_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obstore.store import ClientConfig, S3Store

RETRIES: Final = 2
"""A refused connection fails within 0.3 s; with obstore's 10 retries it takes 3.2 s."""

SILENCE: Final = dt.timedelta(seconds=30)
"""How long a store may say nothing."""


def read_address(text: str) -> BucketAddress:
    """Parse an address that a user gave to a command.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> read_address("s3://Bucket/x")
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: 's3://Bucket/x' is no address of a bucket; give an address ...
    """
    try:
        return parse_bucket_address(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no address of a bucket", f"give {error}") from None


def require_obstore(address: BucketAddress) -> None:
    """Check that obstore is installed, without loading it.

    Raises
    ------
    MissingTool
        If it is not.
    """
    if importlib.util.find_spec("obstore") is None:
        raise MissingTool(
            f"obstore is not installed, which {address} needs", "pip install 'dlr_analytics[s3]'"
        )


def open_store(
    address: BucketAddress,
    environment: Mapping[str, str] | None = None,
    *,
    for_large_files: bool = False,
) -> S3Store:
    """Open the store of a bucket; its paths are relative to the prefix.

    Credentials, region and endpoint come from the environment (``AWS_ACCESS_KEY_ID``,
    ``AWS_SECRET_ACCESS_KEY``, ``AWS_SESSION_TOKEN``, ``AWS_REGION``, ``AWS_ENDPOINT_URL``,
    ``AWS_ALLOW_HTTP``), else from the role of the machine. Nothing is sent yet, so wrap what uses
    the store in `dlr_analytics.bucket.failures.explained`.

    Parameters
    ----------
    address : BucketAddress
        Bucket and prefix.
    environment : mapping, optional
        Where ``AWS_ALLOW_HTTP`` is read; by default ``os.environ``. obstore reads the others from
        the process itself.
    for_large_files : bool
        Wait for an answer while a large object is sent, for an hour at most. Otherwise a store that
        says nothing for 30 s does not answer, and that includes the time to send an object.

    Raises
    ------
    MissingTool
        If obstore is not installed.
    SettingsError
        If obstore refuses the value of a variable.
    """
    require_obstore(address)
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    environment = os.environ if environment is None else environment
    # Options that are given replace all of obstore's own reading of client variables.
    plain_http = environment.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true", "yes"}
    options: ClientConfig = {
        "allow_http": plain_http,
        "connect_timeout": dt.timedelta(seconds=5),
        "timeout": dt.timedelta(hours=1),
    }
    if not for_large_files:
        options["read_timeout"] = SILENCE
    try:
        return S3Store(
            address.bucket,
            prefix=address.prefix or None,
            client_options=options,
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": dt.timedelta(minutes=1),
                "backoff": {
                    "init_backoff": dt.timedelta(milliseconds=100),
                    "max_backoff": dt.timedelta(seconds=2),
                    "base": 2,
                },
            },
        )
    except (BaseError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise SettingsError(f"{address}: {reason}", "correct the AWS_ variables") from None
