"""Generate dlr_analytics/analysis/messages/networks.csv from npm's mcc-mnc-list.

    npm pack mcc-mnc-list && tar xzf mcc-mnc-list-*.tgz
    python docs/networks.py package dlr_analytics/analysis/messages

Writes networks.csv, and the package's licence as networks.LICENSE. The package (MIT, Peter Bakondy)
is compiled from Wikipedia's lists of mobile network codes.

The table has one row per code. If several countries list a code, the first rule that decides wins:
1. a network in operation before one that is not;
2. the country that the MCC's home country (the one with most of its codes) names in its notes:
   23458 is the Isle of Man, not the United Kingdom;
3. the home country: 310260 is the United States, not Puerto Rico;
4. the first country by ISO code.
The other countries are listed in also_in.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ATTRIBUTION = """\
networks.csv is made by docs/networks.py from npm's mcc-mnc-list {version}, which is made from
Wikipedia's lists of mobile network codes (CC BY-SA 4.0),
https://en.wikipedia.org/wiki/Mobile_country_code. Its licence:

"""

COLUMNS = ("network_code", "mcc", "mnc", "country", "country_name", "network", "also_in")

# Several countries under one heading: the most populous is the country, the others go to also_in.
SHARED_HEADINGS = {
    "AU/CC/CX": "AU",
    "BL/GF/GP/MF/MQ": "GP",
    "BQ/CW/SX": "CW",
    "GE-AB": "GE",
    "YT/RE": "RE",
}
NAMES = {
    "CD": "DR Congo",
    "CW": "Curaçao",
    "FM": "Micronesia",
    "GP": "Guadeloupe",
    "RE": "Réunion",
    "RU": "Russia",
    "US": "United States",
    "VI": "US Virgin Islands",
}
# Names of countries in Wikipedia's notes that differ from the headings.
IN_NOTES = {"Covering the Palestinian territories": "PS"}

Record = Mapping[str, Any]


def rows(records: Iterable[Record]) -> Iterator[dict[str, str]]:
    """Yield one row per code, sorted by code."""
    with_code = [record for record in records if _has_code(record)]
    names = country_names(with_code)
    homes = home_countries(with_code)
    by_code: dict[str, list[Record]] = defaultdict(list)
    for record in with_code:
        by_code[record["mcc"] + record["mnc"]].append(record)
    for code, sharing in sorted(by_code.items()):
        home = _home(sharing, homes[sharing[0]["mcc"]], names)
        first = min(sharing, key=lambda record: _precedence(record, home))
        country = _country(first)
        also_in = {c for record in sharing for c in _countries(record)} - {country}
        yield {
            "network_code": code,
            "mcc": first["mcc"],
            "mnc": first["mnc"],
            "country": country,
            "country_name": names.get(country, ""),
            "network": _network(first),
            "also_in": " ".join(sorted(also_in)),
        }


def country_names(records: Iterable[Record]) -> dict[str, str]:
    """Map ISO 3166 alpha-2 codes to short names, without the sovereign state in brackets."""
    found = {
        record["countryCode"]: re.sub(r"\s*\(.*\)", "", record["countryName"])
        for record in records
        if record["countryCode"] and record["countryCode"] not in SHARED_HEADINGS
    }
    return found | {"AU": "Australia"} | NAMES


def home_countries(records: Iterable[Record]) -> dict[str, str]:
    """Map each MCC to the country with most of its codes; of equal ones, the first by ISO code."""
    count: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        count[record["mcc"]][_country(record)] += 1
    return {mcc: min(by, key=lambda c: (-by[c], c)) for mcc, by in count.items()}


def _has_code(record: Record) -> bool:
    """Whether a record has one code: Wikipedia also lists ranges (`100 - 190`) and `?`."""
    return re.fullmatch(r"\d{5,6}", record["mcc"] + (record["mnc"] or "")) is not None


def _home(sharing: Iterable[Record], home: str, names: Mapping[str, str]) -> str:
    """Return the country named in the notes of the home country's entry, else the home country."""
    countries = {names.get(_country(record), ""): _country(record) for record in sharing} | IN_NOTES
    notes = [record["notes"] or "" for record in sharing if _country(record) == home]
    items = [item.strip() for item in re.split("[;,]", ";".join(notes))]
    return next((countries[item] for item in items if item in countries), home)


def _precedence(record: Record, home: str) -> tuple[bool, bool, str]:
    country = _country(record)
    return record["status"] != "Operational", country != home, country


def _country(record: Record) -> str:
    heading = record["countryCode"] or ""
    return SHARED_HEADINGS.get(heading, heading)


def _countries(record: Record) -> list[str]:
    return [c for c in re.split("/", record["countryCode"] or "") if len(c) == 2]


def _network(record: Record) -> str:
    return " ".join((record["brand"] or record["operator"] or "").split())


def main(package: Path, target: Path) -> None:
    """Read the unpacked npm package; write the table and its licence."""
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    records = json.loads((package / "mcc-mnc-list.json").read_text("utf-8"))
    with (target / "networks.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows(records))
    licence = (package / "LICENSE").read_text("utf-8")
    (target / "networks.LICENSE").write_text(ATTRIBUTION.format(version=version) + licence, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
