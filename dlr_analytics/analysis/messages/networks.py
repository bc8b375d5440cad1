"""Which country and operator a network code belongs to, as relations to join.

The shipped table, ``networks.csv``, is made by ``docs/networks.py`` from npm's mcc-mnc-list; how
a code that several countries share finds its one row is said there. The user's own
``networks.csv`` in the data directory wins over it, field by field.

Two relations, so that each code has one row and an unlisted one still finds its country::

    left join networks n on n.network_code = r.network_code
    left join mccs c on c.mcc = left(r.network_code, 3) and n.network_code is null
        and regexp_matches(r.network_code, '^[0-9]{5,6}$')

Then ``coalesce(n.country, c.country)`` is the country, and a code for which ``n.network_code`` is
NULL has the problem ``network_unknown``. Codes are text and are matched whole: 36 codes of six
digits begin with a valid code of five.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages.parameters import INTERNAL, PUBLIC
from dlr_analytics.errors import DataError
from dlr_analytics.store.receipts.files import LOCAL, Files

COLUMNS: Final = ("network_code", "mcc", "mnc", "country", "country_name", "network", "also_in")
"""Columns of ``networks``, all VARCHAR. ``country`` is ISO 3166 alpha-2, NULL for satellites, ships
and test networks; ``also_in`` lists the other countries in which the code is used."""


class OwnNetwork(NamedTuple):
    """A line of the user's own file; None leaves the shipped field as it is."""

    network_code: str
    country: str | None
    network: str | None


_NETWORKS: Final = """
with country_names as (
    select country, min(country_name) as country_name from shipped_networks group by country
),
merged as (
    select
        coalesce(shipped.network_code, own.network_code) as network_code,
        coalesce(own.country, shipped.country) as country,
        coalesce(own.network, shipped.network) as network,
        case when own.country is null then shipped.also_in end as also_in
    from shipped_networks as shipped
    full join own_networks as own on own.network_code = shipped.network_code
),
split as (
    select *, regexp_matches(network_code, '^[0-9]{5,6}$') as numeric from merged
)
select
    network_code,
    case when numeric then left(network_code, 3) end as mcc,
    case when numeric then substr(network_code, 4) end as mnc,
    split.country,
    country_name,
    network,
    also_in
from split
left join country_names on country_names.country = split.country
order by network_code
"""

_MCCS: Final = """
with counted as (
    select mcc, country, min(country_name) as country_name, count(*) as codes
    from shipped_networks
    where country is not null
    group by mcc, country
),
ranked as (
    select *, row_number() over (partition by mcc order by codes desc, country) as place
    from counted
)
select mcc, country, country_name from ranked where place = 1
"""


def create(engine: Engine, own: Path, files: Files = LOCAL) -> None:
    """Create ``networks`` and the internal ``mccs`` (mcc, country, country_name).

    Parameters
    ----------
    engine : Engine
        Where they are created, as tables.
    own : path
        The user's own ``networks.csv``; need not exist.
    files : Files, optional
        Reads it; by default from this machine.

    Raises
    ------
    DataError
        If the user's file cannot be used; names the line.

    Examples
    --------
    >>> from dlr_analytics.analysis.engines.duckdb import DuckDBEngine, connect
    >>> engine = DuckDBEngine(connect())
    >>> create(engine, Path("no/networks.csv"))
    >>> engine.rows("select country, network, also_in from networks where network_code = '310260'")
    [('US', 'T-Mobile', 'PR VI')]
    >>> engine.rows("select country from mccs where mcc = '234'")
    [('GB',)]
    """
    lines = list(read_own(own, files))
    engine.use(INTERNAL, PUBLIC)
    engine.create_values("own_networks", dict.fromkeys(OwnNetwork._fields, "VARCHAR"), lines)
    with _shipped() as shipped:
        engine.create_table("shipped_networks", f"select * from {engine.csv(shipped, COLUMNS)}")
    engine.create_table("mccs", _MCCS)
    engine.use(PUBLIC, INTERNAL)
    engine.create_table("networks", _NETWORKS)
    engine.use(INTERNAL, PUBLIC)
    engine.drop_table("own_networks")
    engine.drop_table("shipped_networks")


def shipped_digest() -> str:
    """A digest of the shipped table, for the fingerprint of the cache."""
    with _shipped() as shipped:
        return hashlib.sha256(shipped.read_bytes()).hexdigest()


def country_names() -> dict[str, str]:
    """Countries by their ISO 3166 alpha-2 code.

    Examples
    --------
    >>> country_names()["GB"]
    'United Kingdom'
    """
    with _shipped() as shipped, shipped.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        named = {(row["country"], row["country_name"]) for row in rows if row["country"]}
    # In reverse order, so that of several names the first in the alphabet is kept, as in SQL.
    return dict(sorted(named, reverse=True))


def read_own(path: Path, files: Files = LOCAL) -> Iterator[OwnNetwork]:
    """The user's own names of networks; nothing where there is no such file.

    Parameters
    ----------
    path : path
        CSV in UTF-8 with the columns ``network_code``, ``country`` (ISO 3166 alpha-2) and
        ``network``, in any order; either of the last two may be missing or empty.
    files : Files, optional
        Reads it; by default from this machine.

    Raises
    ------
    DataError
        For a line that cannot be used.
    """
    first_line: dict[str, int] = {}
    try:
        with io.TextIOWrapper(files.open(path), encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            for row in table:
                network = _own_network(path, table.line_num, row)
                seen = first_line.setdefault(network.network_code, table.line_num)
                if seen != table.line_num:
                    raise _unusable(path, table.line_num, f"line {seen} has the same network_code")
                yield network
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: {error}", "fix the file or remove it") from None


def _own_network(path: Path, line: int, row: Mapping[str | None, str | None]) -> OwnNetwork:
    code, country, network = ((row.get(name) or "").strip() or None for name in OwnNetwork._fields)
    if code is None:
        raise _unusable(path, line, "no network_code")
    if country is not None and not re.fullmatch("[A-Za-z]{2}", country):
        raise _unusable(path, line, f"country {country!r} is not of two letters, like GB")
    return OwnNetwork(code, country and country.upper(), network)


def _unusable(path: Path, line: int, reason: str) -> DataError:
    header = "the header is network_code,country,network"
    return DataError(f"{path}, line {line}: {reason}", f"fix the line or remove it; {header}")


def _shipped() -> AbstractContextManager[Path]:
    return resources.as_file(resources.files(__package__) / "networks.csv")
