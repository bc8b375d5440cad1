"""Settings: the option, else the environment, else dlr.toml, else the default. One frozen object.

A setting is a field of :class:`Settings`; how its text is read stands beside it. Nothing else in
the package looks at the environment.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlr_analytics.errors import SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return read


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError("a number of seconds above 0")
    return number


def _size(text: str) -> int:
    units = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
    match = re.fullmatch(r"\s*(\d+)\s*([kmg]i?)?b?\s*", text.lower())
    if match is None or int(match[1]) == 0:
        raise ValueError("a size like 67108864 or 64MiB")
    return int(match[1]) * units[match[2] or ""]


def _one_of(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return text

    return read


def _time_of_day(text: str) -> dt.time:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text):
        raise ValueError("a time of day like 03:00 (UTC)")
    return dt.time.fromisoformat(text)


def _switch(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in words:
        raise ValueError("true or false")
    return words[text.lower()]


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("a value that is not empty, or leave it out")
    return text


def _secrets(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(","))
    if not all(parts):
        raise ValueError("secrets without an empty part: it must not switch the check off")
    return parts


def _token(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~-]+", text):
        raise ValueError("not empty, of letters, digits and ._~- only (it is a part of the URL)")
    return text


def _ranges(text: str) -> tuple[Network, ...]:
    parts = [part.strip() for part in text.split(",")]
    try:
        return tuple(ipaddress.ip_network(part) for part in parts)
    except ValueError as error:
        raise ValueError(f"CIDR ranges, comma-separated ({error})") from None


def _send_time_pattern(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from None
    if len({"epoch", "epoch_ms", "iso"} & set(pattern.groupindex)) != 1:
        raise ValueError("a regular expression with one named group epoch, epoch_ms or iso")
    return pattern


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError("a currency of three letters, like EUR")
    return text.upper()


def _setting(
    default: Any, read: Callable[[str], Any], meaning: str, *, secret: bool = False, name: str = ""
) -> Any:
    return dataclasses.field(
        default=default,
        repr=not secret,
        metadata={"read": read, "meaning": meaning, "secret": secret, "name": name},
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run, read and checked.

    Examples
    --------
    >>> Settings().port
    8080
    """

    data: Path = _setting(Path("data"), lambda text: Path(_filled(text)), "the data directory")
    host: str = _setting("127.0.0.1", _filled, "address the receiver listens on")
    port: int = _setting(8080, _whole(0, 65535), "port of the receiver; 0 picks a free one")
    workers: int = _setting(1, _whole(1, 256), "processes that share the port")
    admin_host: str = _setting("127.0.0.1", _filled, "address of the status page and /metrics")
    admin_port: int = _setting(8081, _whole(0, 65535), "port of the status page; 0 is off")
    trust_proxy: bool = _setting(False, _switch, "read the caller's address from X-Forwarded-For")
    signature_secret: tuple[str, ...] = _setting(
        (), _secrets, "secrets that sign receipts, comma-separated, all live", secret=True
    )
    signature_method: str = _setting(
        "md5hash", _one_of("md5hash", "md5", "sha1", "sha256", "sha512"), "how receipts are signed"
    )
    signature_tolerance: float | None = _setting(
        None, _seconds, "seconds that a signed call's timestamp may be off"
    )
    url_token: str | None = _setting(None, _token, "secret last part of the path", secret=True)
    allow: tuple[Network, ...] = _setting((), _ranges, "CIDR ranges that may post")
    msisdn: str = _setting("keep", _one_of("keep", "hash", "mask"), "how numbers are stored")
    msisdn_key: str | None = _setting(None, _filled, "key of the hash of numbers", secret=True)
    client_ref_time: re.Pattern[str] | None = _setting(
        None, _send_time_pattern, "pattern of a send time inside client-ref"
    )
    currency: str = _setting("EUR", _currency, "what price is in where the data does not say")
    seal_seconds: float = _setting(60.0, _seconds, "age at which a journal becomes Parquet")
    seal_bytes: int = _setting(64 * 2**20, _size, "size at which a journal becomes Parquet")
    compact_at: dt.time | None = _setting(
        None, _time_of_day, "time of day (UTC) at which the receiver runs dlr compact"
    )
    memory: int | None = _setting(None, _size, "memory that a question or dlr compact may take")
    log: str = _setting("lines", _one_of("lines", "json"), "how the receiver logs to stderr")
    engine: str = _setting("duckdb", _one_of("duckdb"), "what answers; there is no other yet")
    vonage_api_key: str | None = _setting(None, _filled, "the account's key", name="VONAGE_API_KEY")
    vonage_api_secret: str | None = _setting(
        None, _filled, "the account's secret", secret=True, name="VONAGE_API_SECRET"
    )


def variable(field: dataclasses.Field[Any]) -> str:
    """Name of the environment variable of a setting, ``DLR_PORT`` for ``port``."""
    return field.metadata["name"] or f"DLR_{field.name.upper()}"


def load_settings(
    options: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Settings of this run.

    Parameters
    ----------
    options : mapping, optional
        What the command line gave, by setting name; None counts as not given.
    environment : mapping, optional
        By default ``os.environ``.
    folder : path, optional
        Where ``dlr.toml`` is looked for; by default the working directory.

    Raises
    ------
    SettingsError
        For a value that cannot be read, an empty secret, or an unknown key in ``dlr.toml``.

    Examples
    --------
    >>> load_settings({"port": 9000}, {"DLR_CURRENCY": "usd"}).currency
    'USD'
    """
    environment = os.environ if environment is None else environment
    table = _read_toml((folder or Path()) / "dlr.toml")
    found: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        given = _look_up(field, options or {}, environment, table)
        if given is not None:
            found[field.name] = _read(field, *given)
    settings = Settings(**found)
    if settings.msisdn == "hash" and settings.msisdn_key is None:
        raise SettingsError("DLR_MSISDN is hash, but there is no key", "set DLR_MSISDN_KEY")
    return settings


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Variables that begin with ``DLR_`` and name no setting, in order of name.

    Examples
    --------
    >>> unknown_variables({"DLR_PROT": "80", "DLR_PORT": "80", "HOME": "/"})
    ['DLR_PROT']
    """
    known = {variable(field) for field in dataclasses.fields(Settings)}
    known |= {f"{variable(f)}_FILE" for f in dataclasses.fields(Settings) if f.metadata["secret"]}
    return sorted(name for name in environment if name.startswith("DLR_") and name not in known)


def _look_up(
    field: dataclasses.Field[Any],
    options: Mapping[str, object],
    environment: Mapping[str, str],
    table: Mapping[str, object],
) -> tuple[str, str] | None:
    """Where a setting was given, and its text; None where it was not."""
    if options.get(field.name) is not None:
        return f"--{field.name.replace('_', '-')}", str(options[field.name])
    name = variable(field)
    if field.metadata["secret"] and f"{name}_FILE" in environment:
        if name in environment:
            raise SettingsError(f"both {name} and {name}_FILE are set", "keep one of them")
        return f"{name}_FILE", _read_secret(f"{name}_FILE", environment[f"{name}_FILE"])
    if name in environment and not _from_kubernetes(name, environment[name]):
        return name, environment[name]
    key = name.removeprefix("DLR_").lower()
    if key in table:
        return f"{key} in dlr.toml", _text(table[key])
    return None


def _from_kubernetes(name: str, text: str) -> bool:
    """Kubernetes gives a service named dlr the variable DLR_PORT=tcp://…, meant for nobody here."""
    return name == "DLR_PORT" and text.startswith("tcp://")


def _read(field: dataclasses.Field[Any], where: str, text: str) -> Any:
    try:
        return field.metadata["read"](text)
    except ValueError as error:
        shown = "" if field.metadata["secret"] else f" {text!r}"
        expected = str(error)
        if expected.startswith(("invalid literal", "could not convert")):
            expected = "a number"
        raise SettingsError(f"{where}:{shown} cannot be used", f"give {expected}") from None


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SettingsError(f"{name}: {path}: {reason}", "name a file that can be read") from None


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}", "mend the file or remove it") from None
    known = {variable(f).removeprefix("DLR_").lower() for f in dataclasses.fields(Settings)}
    unknown = [key for key in table if key not in known]
    if unknown:
        raise SettingsError(
            f"{path}: unknown key {unknown[0]!r}", f"use one of {', '.join(sorted(known))}"
        )
    return table


def _text(value: object) -> str:
    """A TOML value as the text that a variable would hold: lists joined by commas."""
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)
