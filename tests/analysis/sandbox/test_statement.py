"""``dlr sql`` reads, whatever is asked, and does nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import duckdb
import pytest

from dlr_analytics.analysis.sandbox import lockdown, parse_tree
from dlr_analytics.analysis.sandbox.statement import check_statement
from dlr_analytics.errors import RefusedStatement, UsageError
from tests.support.hostile_sql import HOSTILE
from tests.support.message_tables import connection_over, message

READS = """
select 1
from messages
table messages
values (1), (2)
from receipts
from sends
from networks
from err_codes
select outcome, count(*) from messages group by all order by all
with x as (from messages) select * from x
with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) from r
select distinct on (outcome) * from messages order by message_time
from messages limit 3 offset 2
from messages using sample 10%
select * exclude (price) replace (1 as part) rename (sender as x) from messages
select columns('c.*') from messages
select sum(price) filter (where final) over (partition by country) from messages
select row_number() over w from messages window w as (order by message_time)
from messages m join networks using (network_code) left join err_codes e on e.err_code = m.part
from messages asof join receipts on messages.message_time >= receipts.received_at
from messages, lateral (select price + 1)
select (select 1), exists (select 1), 1 in (select 1), 2 > all (select 1)
select case when final then 1 else 2 end, price::double, try_cast(sender as int) from messages
select [x + 1 for x in [1, 2]], list_filter([1], lambda x: x > 1), {'a': 1}.a, map {'a': 1}['a']
select message_time at time zone 'Europe/London', date_trunc('day', message_time) from messages
select random() < 2, uuid() is not null, now() is not null, current_date is not null
select country collate nocase from messages order by 1 desc nulls last
select grouping(outcome) from messages group by rollup (outcome)
from messages qualify row_number() over (partition by country order by message_time) = 1
select country from messages union select country from networks except select 'x'
describe messages
desc messages
describe select 1
summarize err_codes
summarize select 1 as x
show tables
show all tables
show
show databases
explain select 1
from range(3)
from generate_series(1, 3) t(x)
select * from unnest([1, 2]) with ordinality
from information_schema.tables
from duckdb_settings()
from pg_timezone_names()
unpivot (select 1 as a, 2 as b) on a, b into name n value v
pivot messages on outcome
pivot messages on outcome using count(*) group by country order by country
pivot messages on outcome in ('delivered', 'failed') using count(*)
pivot messages on outcome, final using count(*), max(price)
pivot messages on coalesce(country, '?') || outcome using count(*)
pivot messages on price > 1 using sum(price) filter (where final) as s -- é
pivot (pivot messages on outcome group by country) on country
with t as (pivot messages on outcome) from t
select * from (pivot messages on outcome group by country)
(pivot messages on outcome group by part) union all by name (pivot messages on final group by part)
from messages pivot (count(*) for outcome in ('delivered'))
pivot (from messages join networks using (network_code)) on outcome
explain pivot messages on outcome
describe pivot messages on outcome
select 1;
select ';', '--', '/*', $$;$$
"""


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return connection_over([message("failed", country="GB"), message(country=None)])


def entries(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the user's own, in the working directory."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "own.csv"
    file.write_text("a,b\n1,2\n3,x\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("statement", READS.strip().split("\n"))
def test_what_only_reads_is_admitted_and_runs(
    statement: str, connection: duckdb.DuckDBPyConnection
) -> None:
    check_statement(connection, statement)
    assert connection.sql(statement).columns


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("/* é */ explain -- é\n select 'é'", ["explain_key", "explain_value"]),
        ("/* é */ pivot (select 'é' as é) on é -- é\n using count(*) /* é */ ;", ["é"]),
    ],
)
def test_comments_and_letters_of_two_bytes_move_nothing(
    statement: str, columns: list[str], connection: duckdb.DuckDBPyConnection
) -> None:
    check_statement(connection, statement)
    assert connection.sql(statement).columns == columns


@pytest.mark.parametrize("statement", HOSTILE)
def test_what_would_do_more_is_refused_and_leaves_nothing(
    statement: str, connection: duckdb.DuckDBPyConnection, csv: Path
) -> None:
    hidden = connection.sql("select 1")  # what Python variables hold is no relation of ours
    before = entries(csv.parent)
    tables = connection.sql("show all tables").fetchall()
    with pytest.raises(UsageError):
        check_statement(connection, statement.format(out=csv.parent / "out", csv=csv))
    assert hidden.columns
    assert entries(csv.parent) == before
    assert connection.sql("show all tables").fetchall() == tables


@pytest.mark.parametrize("name", ["{folder}/z.db", "{folder}/z", "http://x/y.parquet", "z.csv"])
def test_a_name_of_with_that_could_be_a_file_is_not_believed(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with duckdb.connect(tmp_path / "z.db") as other:
        other.execute("create table t as select 42 as secret")
    name = name.format(folder=tmp_path)
    query = f'select b.* from (with "{name}" as (select 1) select 1) a, "{name}" b'
    if name.endswith(".csv"):
        check_statement(connection, query)  # a file that may be read anyway
        return
    with pytest.raises(RefusedStatement, match="there is no relation"):
        check_statement(connection, query)


def test_a_name_that_is_misspelt_is_guessed(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(RefusedStatement, match=r"no relation mesages .* did you mean messages"):
        check_statement(connection, "from mesages")


def test_the_hostile_statements_that_parse_would_have_done_it(
    connection: duckdb.DuckDBPyConnection, csv: Path
) -> None:
    """The list is worth something only if its statements really write."""
    for statement in (
        "copy (select 1) to '{out}'",
        "with t as (copy (select 1) to '{out}') from t",
    ):
        out = csv.parent / "out"
        duckdb.connect().execute(statement.format(out=out))
        assert out.exists()
        out.unlink()


@pytest.mark.parametrize(
    "source",
    [
        "'own.csv'",
        "'*.csv'",
        '"own.csv"',
        "read_csv('own.csv')",
        "read_csv(['own.csv'], all_varchar = true)",
        "read_csv('own.csv', all_varchar := true, columns = {'a': 'varchar', 'b': 'varchar'})",
        "read_text('./own.csv')",
        "read_text('own.csv')",
        "read_blob('own.csv')",
        "glob('*')",
        "sniff_csv('own.csv')",
    ],
)
def test_the_user_s_own_files_may_be_read(
    source: str, connection: duckdb.DuckDBPyConnection, csv: Path
) -> None:
    for statement in (f"from {source}", f"describe from {source}"):
        check_statement(connection, statement)
        assert connection.sql(statement).fetchall()


def test_the_user_s_own_file_can_be_pivoted(
    connection: duckdb.DuckDBPyConnection, csv: Path
) -> None:
    statement = "pivot 'own.csv' on b using count(*) group by a"
    check_statement(connection, statement)
    assert len(connection.sql(statement).fetchall()) == 2


def test_more_than_one_statement_is_counted(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(RefusedStatement, match="2 statements; give one SELECT"):
        check_statement(connection, "select 1; select 2")


def test_what_is_refused_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(RefusedStatement, match="sql: the function write_log may do more than read"):
        check_statement(connection, "select write_log('x')")


@pytest.mark.parametrize(
    "text", ["abs(" * 900 + "write_log('x')" + ")" * 900, "write_log('x')" + "+1" * 900]
)
def test_nothing_hides_where_it_is_nested_deeply(
    text: str, connection: duckdb.DuckDBPyConnection
) -> None:
    """Before Python 3.13 a statement of such a depth cannot be read, and is refused."""
    refused = "cannot be checked|write_log may do more than read"
    with pytest.raises(RefusedStatement, match=refused):
        check_statement(connection, f"select {text}")


def test_every_function_with_side_effects_is_refused_but_those_thought_through(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = "select distinct function_name from duckdb_functions() where has_side_effects"
    names = {name for (name,) in connection.sql(found).fetchall()}
    allowed = names & parse_tree.allowed_names(connection, outside=True).functions
    assert allowed == parse_tree.VOLATILE & names


def test_every_table_function_that_is_listed_exists(connection: duckdb.DuckDBPyConnection) -> None:
    found = "select function_name from duckdb_functions() where function_type = 'table'"
    names = {name for (name,) in connection.sql(found).fetchall()}
    assert (
        names
        >= parse_tree.ROW_GENERATORS | parse_tree.CATALOGUE_FUNCTIONS | parse_tree.FILE_READERS
    )


class Parsed:
    """A connection whose parser returns one statement of a type."""

    def __init__(self, number: int) -> None:
        self.number = number

    @property
    def type(self) -> duckdb.StatementType:
        return duckdb.StatementType(self.number)

    def extract_statements(self, _text: str) -> list[Parsed]:
        return [self]


@pytest.mark.parametrize("number", range(64))
def test_a_statement_of_every_type_is_refused_unless_it_may_be_a_query(number: int) -> None:
    """Types that the binding has no name for included: the parser knows more than it does."""
    queries = (
        duckdb.StatementType.SELECT,
        duckdb.StatementType.EXPLAIN,
        duckdb.StatementType.MULTI,
    )
    if number not in [kind.value for kind in queries]:
        with pytest.raises(RefusedStatement, match="does more than read"):
            check_statement(cast("duckdb.DuckDBPyConnection", Parsed(number)), "update x")


def test_the_type_of_some_statement_has_no_name(connection: duckdb.DuckDBPyConnection) -> None:
    (statement,) = connection.extract_statements("update extensions")
    assert parse_tree.statement_type(statement) is None


@pytest.mark.thorough
@pytest.mark.parametrize("reader", sorted(parse_tree.FILE_READERS))
def test_no_reader_follows_a_link_to_the_system(
    reader: str, connection: duckdb.DuckDBPyConnection, csv: Path
) -> None:
    (csv.parent / "link.csv").symlink_to("/proc/self/environ")
    (csv.parent / "folder").symlink_to("/proc")
    for name in ("link.csv", "*.csv", "folder/self/environ", f"{csv.parent}/fol*/self/environ"):
        with pytest.raises(RefusedStatement, match="a file of the system"):
            check_statement(connection, f"from {reader}('{name}')")
    for name in ("link.csv", "*.csv"):
        with pytest.raises(RefusedStatement, match="a file of the system"):
            check_statement(connection, f"from '{name}'")


@pytest.mark.parametrize("reader", ["read_text", "read_blob", "read_csv", "glob"])
def test_the_files_of_secrets_are_not_read(
    reader: str,
    connection: duckdb.DuckDBPyConnection,
    csv: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (csv.parent / "dlr.toml").write_text("url_token = 'secret'\n", encoding="utf-8")
    (csv.parent / "token").write_text("secret", encoding="utf-8")
    (csv.parent / "hard").hardlink_to(csv.parent / "token")
    monkeypatch.setenv("DLR_URL_TOKEN_FILE", str(csv.parent / "token"))
    for name in ("dlr.toml", "token", "hard", "t*", "./x/../token"):
        with pytest.raises(RefusedStatement, match="of secrets"):
            check_statement(connection, f"from {reader}('{name}')")
    check_statement(connection, f"from {reader}('own.csv')")


def test_a_computed_name_is_refused_with_what_to_do(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(RefusedStatement, match=r"name of a file is computed; write it out"):
        check_statement(connection, "from read_csv('own' || '.csv')")


# the second wall


@pytest.fixture
def locked() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    lockdown.lock_configuration(connection)
    return connection


@pytest.mark.parametrize(
    "statement",
    ["set threads = 1", "call enable_logging()", "from enable_profiling()", "pragma threads = 1"],
)
def test_behind_the_gate_no_setting_changes(
    statement: str, locked: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(duckdb.Error, match="locked"):
        locked.execute(statement)


def test_a_pivot_too_tangled_to_look_through_is_refused_with_what_to_do(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    four = ", ".join("(pivot messages on outcome)" for _ in range(4))
    with pytest.raises(RefusedStatement, match="cannot be checked; name its values: ON"):
        check_statement(connection, f"from {four}")
    named = four.replace("on outcome", "on outcome in ('failed')")
    check_statement(connection, f"from {named}")


def test_a_file_named_like_an_option_is_no_option(
    connection: duckdb.DuckDBPyConnection, csv: Path
) -> None:
    (csv.parent / "store_rejects").write_text("a\n1\n", encoding="utf-8")
    statement = "from read_csv('store_rejects', header = true)"
    check_statement(connection, statement)
    assert connection.sql(statement).fetchall() == [(1,)]
