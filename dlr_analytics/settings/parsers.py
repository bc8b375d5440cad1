"""Parsers of setting values: text in, typed value out.

Each raises ``ValueError`` with a noun phrase that says what the setting accepts.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from dlr_analytics.errors import UsageError
from dlr_analytics.settings.bucket_address import is_bucket_address, parse_bucket_address
from dlr_analytics.settings.bucket_path import BucketPath

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Parser of a whole number from ``low`` to ``high``."""

    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return parse


def one_of(*names: str) -> Callable[[str], str]:
    """Parser of one of several names."""

    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return text

    return parse


def seconds(text: str) -> float:
    """A number of seconds above 0."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError("a number of seconds above 0")
    return number


def size(text: str) -> int:
    """A number of bytes.

    Examples
    --------
    >>> size("64MiB"), size("2 GB"), size("4096")
    (67108864, 2000000000, 4096)
    """
    units = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
    match = re.fullmatch(r"\s*(\d+)\s*([kmg]i?)?b?\s*", text.lower())
    if match is None or int(match[1]) == 0:
        raise ValueError("a size like 67108864 or 64MiB")
    return int(match[1]) * units[match[2] or ""]


def time_of_day(text: str) -> dt.time:
    """A time of day in UTC, ``HH:MM`` or ``HH:MM:SS``."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text):
        raise ValueError("a time of day like 03:00 (UTC)")
    return dt.time.fromisoformat(text)


def boolean(text: str) -> bool:
    """``true``, ``yes`` or ``1``; ``false``, ``no`` or ``0``, in any case."""
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in words:
        raise ValueError("true or false")
    return words[text.lower()]


def non_empty(text: str) -> str:
    """Text that is not blank."""
    if not text.strip():
        raise ValueError("a value that is not empty, or leave it out")
    return text


def is_url(text: str) -> bool:
    """Check for a URL, also as Python's paths write it: ``s3:/bucket``.

    Examples
    --------
    >>> is_url("s3://bucket/x"), is_url("s3:/bucket"), is_url("C:/x"), is_url("a/b:c")
    (True, True, False, False)
    """
    return re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]+:/", text) is not None


def check_output_file(path: Path) -> None:
    """Raise UsageError if a file to write is a URL, before anything is computed.

    Examples
    --------
    >>> check_output_file(Path("s3://bucket/report.html"))
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: s3:/bucket/report.html is a URL; name a file of this ...
    """
    if is_url(str(path)):
        raise UsageError(
            f"{path} is a URL",
            "name a file of this machine: buckets and URLs cannot be written yet",
        )


def data_folder(text: str) -> Path:
    """A folder of this machine, or a bucket; no other URL.

    As a path ``s3://bucket`` would be the folder ``bucket`` in ``s3:``. Python's paths write it
    ``s3:/bucket``, so one slash is enough. A single letter is a drive.

    Examples
    --------
    >>> data_folder("data").parts
    ('data',)
    >>> str(data_folder("s3://bucket/live/"))
    's3://bucket/live'
    >>> data_folder("https://bucket")
    Traceback (most recent call last):
    ValueError: a folder of this machine, or an address like s3://bucket/prefix
    """
    if is_url(text) and is_bucket_address(text):
        return BucketPath(str(parse_bucket_address(text.strip())))
    if is_url(text):
        raise ValueError("a folder of this machine, or an address like s3://bucket/prefix")
    try:
        text.encode()
    except UnicodeEncodeError:  # DuckDB, which is given the names of files, has no others
        raise ValueError("a folder whose name is text in UTF-8") from None
    return Path(non_empty(text))


def secrets(text: str) -> tuple[str, ...]:
    """Comma-separated secrets, none empty: that would switch verification off."""
    parts = tuple(part.strip() for part in text.split(","))
    if not all(parts):
        raise ValueError("secrets without an empty part: it must not switch the check off")
    return parts


def url_token(text: str) -> str:
    """A token of characters that need no escape in a URL path."""
    if not re.fullmatch(r"[A-Za-z0-9._~-]+", text):
        raise ValueError("not empty, of letters, digits and ._~- only (it is a part of the URL)")
    return text


def ip_ranges(text: str) -> tuple[Network, ...]:
    """Comma-separated CIDR ranges.

    Examples
    --------
    >>> ip_ranges("192.0.2.0/24")
    (IPv4Network('192.0.2.0/24'),)
    """
    parts = [part.strip() for part in text.split(",")]
    try:
        return tuple(ipaddress.ip_network(part) for part in parts)
    except ValueError as error:
        raise ValueError(f"CIDR ranges, comma-separated ({error})") from None


def send_time_pattern(text: str) -> re.Pattern[str]:
    """A regular expression with one group ``epoch``, ``epoch_ms`` or ``iso``."""
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from None
    if len({"epoch", "epoch_ms", "iso"} & set(pattern.groupindex)) != 1:
        raise ValueError("a regular expression with one named group epoch, epoch_ms or iso")
    return pattern


def currency(text: str) -> str:
    """An ISO 4217 code, in upper case."""
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError("a currency of three letters, like EUR")
    return text.upper()


def service_url(text: str) -> str:
    """Base URL of a service, without a slash at its end.

    Examples
    --------
    >>> service_url("https://rest.nexmo.com/")
    'https://rest.nexmo.com'
    """
    expected = "a URL like https://rest.nexmo.com"
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(expected) from None
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise ValueError(expected)
    return text.strip().rstrip("/")


def service_urls(text: str) -> tuple[str, ...]:
    """Comma-separated base URLs; none where the text is empty."""
    return tuple(service_url(part) for part in text.split(",")) if text.strip() else ()
