"""The schema: each setting with its default, its parser and its meaning."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlr_analytics.settings import parsers
from dlr_analytics.settings.bucket_address import BucketAddress, parse_bucket_address
from dlr_analytics.settings.parsers import Network


def _setting(
    default: Any, parse: Callable[[str], Any], meaning: str, *, secret: bool = False, name: str = ""
) -> Any:
    return dataclasses.field(
        default=default,
        repr=not secret,
        metadata={"parse": parse, "meaning": meaning, "secret": secret, "name": name},
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run, parsed and checked.

    Examples
    --------
    >>> Settings().port
    8080
    """

    data: Path = _setting(Path("data"), parsers.data_folder, "the data directory")
    host: str = _setting("127.0.0.1", parsers.non_empty, "address the receiver listens on")
    port: int = _setting(
        8080, parsers.whole_number(0, 65535), "port of the receiver; 0 picks a free one"
    )
    workers: int = _setting(1, parsers.whole_number(1, 256), "processes that share the port")
    admin_host: str = _setting(
        "127.0.0.1", parsers.non_empty, "address of the status page and /metrics"
    )
    admin_port: int = _setting(
        8081, parsers.whole_number(0, 65535), "port of the status page; 0 is off"
    )
    trust_proxy: bool = _setting(
        False, parsers.boolean, "read the caller's address from X-Forwarded-For"
    )
    signature_secret: tuple[str, ...] = _setting(
        (), parsers.secrets, "secrets that sign receipts, comma-separated, all live", secret=True
    )
    signature_method: str = _setting(
        "md5hash",
        parsers.one_of("md5hash", "md5", "sha1", "sha256", "sha512"),
        "how receipts are signed",
    )
    signature_tolerance: float | None = _setting(
        None, parsers.seconds, "seconds that a signed call's timestamp may be off"
    )
    url_token: str | None = _setting(
        None, parsers.url_token, "secret last part of the path", secret=True
    )
    allow: tuple[Network, ...] = _setting((), parsers.ip_ranges, "CIDR ranges that may post")
    msisdn: str = _setting("keep", parsers.one_of("keep", "hash", "mask"), "how numbers are stored")
    msisdn_key: str | None = _setting(
        None, parsers.non_empty, "key of the hash of numbers", secret=True
    )
    client_ref_time: re.Pattern[str] | None = _setting(
        None, parsers.send_time_pattern, "pattern of a send time inside client-ref"
    )
    currency: str = _setting("EUR", parsers.currency, "currency of prices that have none")
    idle_seconds: float = _setting(
        75.0, parsers.seconds, "how long an idle connection is kept: longer than the proxy keeps it"
    )
    seal_seconds: float = _setting(60.0, parsers.seconds, "age at which a journal becomes Parquet")
    seal_bytes: int = _setting(64 * 2**20, parsers.size, "size at which a journal becomes Parquet")
    compact_at: dt.time | None = _setting(
        None, parsers.time_of_day, "time of day (UTC) at which the receiver runs dlr compact"
    )
    ship_to: BucketAddress | None = _setting(
        None, parse_bucket_address, "a bucket that sealed files are copied to"
    )
    ship_keep_days: int = _setting(
        0, parsers.whole_number(0, 36500), "days that shipped files stay here as well"
    )
    memory: int | None = _setting(None, parsers.size, "memory that a query or dlr compact may take")
    log: str = _setting("lines", parsers.one_of("lines", "json"), "how the receiver logs to stderr")
    engine: str = _setting("duckdb", parsers.one_of("duckdb"), "the query engine; the only one yet")
    vonage_api_key: str | None = _setting(
        None, parsers.non_empty, "the account's key", name="VONAGE_API_KEY"
    )
    vonage_api_secret: str | None = _setting(
        None, parsers.non_empty, "the account's secret", secret=True, name="VONAGE_API_SECRET"
    )
    vonage_rest_url: str = _setting(
        "https://rest.nexmo.com",
        parsers.service_url,
        "settings, balance and sending at Vonage",
        name="VONAGE_REST_URL",
    )
    vonage_api_url: str = _setting(
        "https://api.nexmo.com",
        parsers.service_url,
        "the Reports API at Vonage",
        name="VONAGE_API_URL",
    )
    url: str | None = _setting(
        None, parsers.non_empty, "the receiver's public URL", name="DLR_PUBLIC_URL"
    )
    tunnels: tuple[str, ...] = _setting(
        ("http://127.0.0.1:4040", "http://127.0.0.1:20241"),
        parsers.service_urls,
        "local APIs of ngrok and cloudflared",
    )


def variable(field: dataclasses.Field[Any]) -> str:
    """Name of the environment variable of a setting, ``DLR_PORT`` for ``port``."""
    return field.metadata["name"] or f"DLR_{field.name.upper()}"
