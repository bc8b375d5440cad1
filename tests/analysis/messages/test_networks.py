"""Networks: one row a code, stated precedence, the country of the MCC as a fallback."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlr_analytics.analysis.engines.duckdb import DuckDBEngine, connect
from dlr_analytics.analysis.messages import networks
from dlr_analytics.errors import DataError

ROOT = Path(__file__).parents[3]


def relations(own: Path) -> duckdb.DuckDBPyConnection:
    connection = connect()
    networks.create(DuckDBEngine(connection), own)
    connection.execute("set search_path = 'main,pipeline'")
    return connection


def row(connection: duckdb.DuckDBPyConnection, code: str) -> tuple[Any, ...] | None:
    found = connection.execute(
        "select country, network from networks where network_code = ?", [code]
    ).fetchall()
    assert len(found) <= 1
    return found[0] if found else None


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return relations(tmp_path_factory.mktemp("data") / "networks.csv")


def own_file(folder: Path, text: str) -> Path:
    path = folder / "networks.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_code_has_one_row(shipped: duckdb.DuckDBPyConnection) -> None:
    doubled = "select network_code from networks group by 1 having count(*) > 1"
    assert shipped.sql(doubled).fetchall() == []
    assert len(shipped.sql("from networks").fetchall()) > 3000


def test_columns_are_as_said(shipped: duckdb.DuckDBPyConnection) -> None:
    assert tuple(shipped.sql("from networks").columns) == networks.COLUMNS


def test_a_code_is_its_mcc_and_mnc_as_text(shipped: duckdb.DuckDBPyConnection) -> None:
    assert shipped.sql("from networks where network_code != mcc || mnc").fetchall() == []


def test_country_is_two_letters_and_has_a_name(shipped: duckdb.DuckDBPyConnection) -> None:
    odd = """from networks where not regexp_matches(country, '^[A-Z]{2}$')
        or (country is null) != (country_name is null)"""
    assert shipped.sql(odd).fetchall() == []


@pytest.mark.parametrize(
    ("code", "country", "network"),
    [
        ("23410", "GB", "O2 (UK)"),
        ("23820", "DK", "Telia"),
        ("310260", "US", "T-Mobile"),  # also Puerto Rico and the Virgin Islands
        ("31026", None, None),  # a code is matched whole
        ("313790", "PR", "Liberty"),  # in operation there, withdrawn in the United States
        ("23458", "IM", "Pronto GSM"),  # the United Kingdom's own entry says: Isle of Man
        ("42505", "PS", "Jawwal"),
        ("90101", None, "ICO"),  # satellite
    ],
)
def test_known_codes(
    shipped: duckdb.DuckDBPyConnection, code: str, country: str | None, network: str | None
) -> None:
    assert row(shipped, code) == (None if network is None else (country, network))


def test_five_digit_prefix_of_a_six_digit_code_is_another_network(
    shipped: duckdb.DuckDBPyConnection,
) -> None:
    pairs = """select count(*) from networks a join networks b
        on len(a.network_code) = 6 and b.network_code = left(a.network_code, 5)"""
    assert shipped.sql(pairs).fetchall()[0][0] >= 30


def test_an_mcc_has_the_country_with_most_of_its_codes(shipped: duckdb.DuckDBPyConnection) -> None:
    home = dict(shipped.sql("select mcc, country from mccs").fetchall())
    assert (home["310"], home["234"], home["270"], home["425"]) == ("US", "GB", "LU", "IL")
    assert "901" not in home


def test_own_file_wins_field_by_field(tmp_path: Path) -> None:
    own = own_file(
        tmp_path,
        "\ufeffnetwork_code,network,country\r\n"
        "310260,,pr\r\n23410,My name,\r\n99999,Test bed,XK\r\nUS-VZ,Verizon,US\r\n",
    )
    connection = relations(own)
    assert row(connection, "310260") == ("PR", "T-Mobile")
    assert row(connection, "23410") == ("GB", "My name")
    assert row(connection, "99999") == ("XK", "Test bed")
    assert row(connection, "US-VZ") == ("US", "Verizon")
    numeric = "select mcc, mnc from networks where network_code in ('99999', 'US-VZ') order by mcc"
    assert connection.sql(numeric).fetchall() == [("999", "99"), (None, None)]


def test_own_country_leaves_no_word_of_the_others(tmp_path: Path) -> None:
    connection = relations(own_file(tmp_path, "network_code,country\n310260,PR\n"))
    where = "from networks where network_code = '310260'"
    names = connection.sql(f"select country_name, also_in {where}").fetchall()
    assert names == [("Puerto Rico", None)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("network_code,country\n23410,Britain\n", "line 2: country 'Britain' is not of two"),
        ("network_code,country\n23410,GB\n23411,GB\n23410,IE\n", "line 4: line 2 has the same"),
        ("code,country\n23410,GB\n", "line 2: no network_code"),
        ('network_code,country\n"23410,GB\n', "networks.csv: unexpected end"),
    ],
)
def test_own_file_that_cannot_be_used_names_its_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(DataError) as caught:
        relations(own_file(tmp_path, text))
    assert complaint in str(caught.value)


def test_own_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "networks.csv").write_bytes(b"\xff\xfe\x00network")
    with pytest.raises(DataError, match="fix the file"):
        relations(tmp_path / "networks.csv")


def test_shipped_table_is_small_and_attributed() -> None:
    folder = ROOT / "dlr_analytics" / "analysis" / "messages"
    assert (folder / "networks.csv").stat().st_size < 400_000
    licence = (folder / "networks.LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "Wikipedia" in licence


def maker() -> Any:
    spec = importlib.util.spec_from_file_location("make_networks", ROOT / "docs/networks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(country: str | None, mnc: str, **more: str) -> dict[str, Any]:
    blank = {"brand": None, "operator": "Op", "status": "Operational", "notes": None}
    names = {"GB": "United Kingdom", "IM": "Isle of Man (United Kingdom)", None: None}
    name = names.get(country, country)
    return blank | {"countryCode": country, "countryName": name, "mcc": "234", "mnc": mnc} | more


@pytest.mark.parametrize(
    ("sharing", "country"),
    [
        ([record("IM", "01"), record("GB", "01")], "GB"),
        ([record("IM", "01"), record("GB", "01", status="Not operational")], "IM"),
        ([record("IM", "01"), record("GB", "01", notes="Isle of Man; former Op")], "IM"),
        ([record("IM", "01"), record("GB", "01", notes="Isle of Man network shut down")], "GB"),
        ([record("NO", "01"), record("DK", "01")], "DK"),
        ([record("YT/RE", "01")], "RE"),
    ],
)
def test_a_shared_code_finds_its_one_country(sharing: list[Any], country: str) -> None:
    home = [record("GB", "02"), record("GB", "03")]
    made = {r["network_code"]: r for r in maker().rows([*sharing, *home])}
    assert made["23401"]["country"] == country
    everyone = {c for r in sharing for c in r["countryCode"].split("/")}
    assert set(made["23401"]["also_in"].split()) == everyone - {country}


def test_ranges_and_unknown_codes_are_left_out() -> None:
    made = list(maker().rows([record("GB", "100 - 190"), record("GB", "?"), record("GB", "07")]))
    assert [r["network_code"] for r in made] == ["23407"]
