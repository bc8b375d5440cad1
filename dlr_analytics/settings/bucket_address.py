"""Addresses of buckets, ``s3://bucket/prefix``.

A setting is checked here before anything makes a path of it: ``Path("s3://b/p")`` is ``s3:/b/p``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PART = re.compile(r"[A-Za-z0-9._=@+-]+")


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A bucket and the prefix of its objects.

    Parameters
    ----------
    bucket : str
        Name of the bucket.
    prefix : str
        Names joined by slashes, without one at either end; may be empty.

    Examples
    --------
    >>> str(BucketAddress("sms", "live/eu"))
    's3://sms/live/eu'
    """

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def is_bucket_address(text: str) -> bool:
    """Check for the scheme of a bucket, also in an address that cannot be parsed.

    Examples
    --------
    >>> [is_bucket_address(text) for text in ("s3://sms/live", "S3:/sms", "s3a://sms", "data/s3")]
    [True, True, True, False]
    """
    return re.match(r"\s*s3[an]?:", text, re.IGNORECASE) is not None


def parse_bucket_address(text: str) -> BucketAddress:
    """Parse the address of a bucket.

    Parameters
    ----------
    text : str
        ``s3://bucket`` or ``s3://bucket/prefix``; one slash at the end is allowed.

    Returns
    -------
    BucketAddress

    Raises
    ------
    ValueError
        With a noun phrase that says what is expected.

    Examples
    --------
    >>> parse_bucket_address("s3://sms/live/eu/")
    BucketAddress(bucket='sms', prefix='live/eu')
    >>> parse_bucket_address("s3:/sms")
    Traceback (most recent call last):
    ValueError: an address like s3://bucket/prefix
    """
    if not text.startswith("s3://"):
        raise ValueError("an address like s3://bucket/prefix")
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise ValueError(
            "an address like s3://bucket/prefix, with a bucket of 3 to 63 lower-case letters, "
            "digits, dots and hyphens"
        )
    parts = prefix.removesuffix("/").split("/") if prefix else []
    if not all(_PART.fullmatch(part) and part not in {".", ".."} for part in parts):
        raise ValueError(
            "an address like s3://bucket/prefix, with a prefix of letters, digits and ._=@+- "
            "between single slashes"
        )
    return BucketAddress(bucket, "/".join(parts))
