"""Lookup of the settings: option, environment, dlr.toml, default, in this order."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlr_analytics.errors import SettingsError
from dlr_analytics.settings.bucket_path import BucketPath, read_only
from dlr_analytics.settings.schema import Settings, variable


def load_settings(
    options: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    *,
    reads_only: bool = False,
) -> Settings:
    """Load the settings of this run.

    Parameters
    ----------
    options : mapping, optional
        Values from the command line, by setting name; None counts as not set.
    environment : mapping, optional
        By default ``os.environ``.
    folder : path, optional
        Folder of ``dlr.toml``; by default the working directory.
    reads_only : bool
        Whether the data directory may be in a bucket: only for what writes nothing into it.

    Raises
    ------
    UsageError
        If the data directory is in a bucket, and ``reads_only`` is false.
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
        value = _look_up(field, options or {}, environment, table)
        if value is not None:
            found[field.name] = _parse(field, *value)
    settings = Settings(**found)
    if settings.msisdn == "hash" and settings.msisdn_key is None:
        raise SettingsError("DLR_MSISDN is hash, but there is no key", "set DLR_MSISDN_KEY")
    if isinstance(settings.data, BucketPath) and not reads_only:
        raise read_only(settings.data)
    if settings.ship_to is not None and settings.compact_at is not None:
        raise SettingsError(
            "both DLR_SHIP_TO and DLR_COMPACT_AT are set",
            "remove DLR_COMPACT_AT: only the keeper compacts, see docs/scale.md",
        )
    return settings


def given_setting(name: str, option: object = None) -> Any:
    """Return one setting, None where only its default applies.

    Raises
    ------
    SettingsError
        For a value that cannot be read, or an unknown key in ``dlr.toml``.

    Examples
    --------
    >>> given_setting("port", 9000)
    9000
    """
    (field,) = (one for one in dataclasses.fields(Settings) if one.name == name)
    found = _look_up(field, {name: option}, os.environ, _read_toml(Path("dlr.toml")))
    return None if found is None else _parse(field, *found)


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """List the variables that begin with ``DLR_`` and name no setting, sorted.

    Examples
    --------
    >>> unknown_variables({"DLR_PROT": "80", "DLR_PORT": "80", "HOME": "/"})
    ['DLR_PROT']
    """
    known = {variable(field) for field in dataclasses.fields(Settings)}
    known |= {f"{variable(f)}_FILE" for f in dataclasses.fields(Settings) if f.metadata["secret"]}
    return sorted(name for name in environment if name.startswith("DLR_") and name not in known)


def secret_files(
    environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> list[Path]:
    """Existing files that have secrets: ``dlr.toml``, and those of ``DLR_…_FILE``.

    Examples
    --------
    >>> secret_files({"DLR_URL_TOKEN_FILE": "README.md"}, Path("docs"))
    [PosixPath('README.md')]
    """
    environment = os.environ if environment is None else environment
    names = [f"{variable(f)}_FILE" for f in dataclasses.fields(Settings) if f.metadata["secret"]]
    files = [Path(environment[name]) for name in names if name in environment]
    return [path for path in [(folder or Path()) / "dlr.toml", *files] if path.is_file()]


def _look_up(
    field: dataclasses.Field[Any],
    options: Mapping[str, object],
    environment: Mapping[str, str],
    table: Mapping[str, object],
) -> tuple[str, str] | None:
    """Source and text of a setting; None where it is not set."""
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
    """Check for ``tcp://…``, set by Kubernetes for a service of the name ``dlr``."""
    return name == "DLR_PORT" and text.startswith("tcp://")


def _parse(field: dataclasses.Field[Any], source: str, text: str) -> Any:
    try:
        return field.metadata["parse"](text)
    except ValueError as error:
        shown = "" if field.metadata["secret"] else f" {text!r}"
        expected = str(error)
        if expected.startswith(("invalid literal", "could not convert")):
            expected = "a number"
        raise SettingsError(f"{source}:{shown} cannot be used", f"give {expected}") from None


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
        raise SettingsError(f"{path}: {error}", "fix the file or remove it") from None
    known = {variable(f).removeprefix("DLR_").lower() for f in dataclasses.fields(Settings)}
    unknown = [key for key in table if key not in known]
    if unknown:
        raise SettingsError(
            f"{path}: unknown key {unknown[0]!r}", f"use one of {', '.join(sorted(known))}"
        )
    return table


def _text(value: object) -> str:
    """Text of a TOML value as in an environment variable: lists joined by commas."""
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)
