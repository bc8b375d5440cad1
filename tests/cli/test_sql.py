"""``dlr sql``: one statement that only reads, in four formats."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import dlr_analytics
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.analysis.query import load
from dlr_analytics.errors import DlrError
from tests.support.commands import Done, run
from tests.support.data_directories import store
from tests.support.hostile_sql import HOSTILE
from tests.support.pipelines import receipt
from tests.support.quick import pairs

Ask = Callable[..., Done]

RECEIPTS = (receipt("A"), receipt("B", "failed", 60, err_code=3))


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.chdir(tmp_path)
    store(tmp_path / "data", *RECEIPTS)
    return lambda *arguments: run(capsys, "sql", *arguments)


@pytest.fixture
def db(ask: Ask) -> Database:
    """What ``ask`` asks."""
    return dlr_analytics.open("data")


@pytest.fixture(scope="module")
def one_db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One for statements that are only read."""
    data = tmp_path_factory.mktemp("one") / "data"
    store(data, *RECEIPTS)
    return dlr_analytics.open(data)


def test_the_views_are_read(ask: Ask) -> None:
    for view in ("receipts", "messages", "sends", "networks", "err_codes"):
        done = ask(f"select count(*) >= 0 as found from {view}", "--format", "csv")
        assert (done.code, done.out, done.err) == (0, "found\ntrue\n", "")


READING = [
    "from messages",
    "values (1)",
    "pivot messages on outcome using count(*) group by country",
    "describe messages",
    "summarize messages",
    "show tables",
    "explain select 1",
    "with x as (from messages) select count(*) from x",
    "select count(*) from messages;",
]


@pytest.mark.thorough
@pytest.mark.parametrize(("statement", "form"), pairs(READING, ["table", "json"]))
def test_each_kind_of_reading_is_printed_in_each_format(
    statement: str, form: str, ask: Ask
) -> None:
    done = ask(statement, "--format", form)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\n")


def test_json_holds_each_kind_of_value_by_the_contract_s_rules(ask: Ask) -> None:
    done = ask(
        """select 'nan'::double as a, 'inf'::double as b, 1.5::double as c, 123::hugeint as d,
        0.00000001::decimal(18, 8) as e, timestamp '2026-11-01 12:00:00.5' as f,
        date '2026-11-01' as g, null as h, ['x', null] as i, [0.1::decimal(9, 8)] as j,
        timestamptz '2026-11-01 12:00:00+02' as k, time '12:00' as l, true as m, 'é"\n' as n,
        {'a': date '2026-11-01'} as o, map {1: 2} as p, '\\x00'::blob as q,
        'infinity'::timestamp as r, '-infinity'::date as s""",
        "--format",
        "json",
    )
    assert json.loads(done.out) == [
        {
            "a": None,
            "b": None,
            "c": 1.5,
            "d": 123,
            "e": "0.00000001",
            "f": "2026-11-01T12:00:00.500000",
            "g": "2026-11-01",
            "h": None,
            "i": ["x", None],
            "j": ["0.10000000"],
            "k": "2026-11-01T10:00:00",
            "l": "12:00:00",
            "m": True,
            "n": 'é"\n',
            "o": {"a": "2026-11-01"},
            "p": {"1": 2},
            "q": "00",
            "r": None,
            "s": None,
        }
    ]


def test_a_plan_is_printed_as_it_is_drawn(ask: Ask) -> None:
    assert len(ask("explain from messages").out.splitlines()) > 3


def test_the_user_s_own_files_are_read(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("a\n1\n2\n", encoding="utf-8")
    assert ask("select sum(a) as s from 'own.csv'", "--format", "csv").out == "s\n3\n"
    again = ask("from read_csv('own.csv') where a > 1", "--format", "json")
    assert json.loads(again.out) == [{"a": 2}]


@pytest.mark.thorough
@pytest.mark.parametrize("statement", HOSTILE[::32])
def test_what_does_more_than_read_is_exit_2_and_leaves_nothing(
    statement: str, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text("a\n1\nx\n", encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    done = ask(statement.format(out=tmp_path / "out", csv=tmp_path / "own.csv"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("dlr: sql: ")
    assert done.err.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    assert ask("select count(*) as n from messages", "--format", "csv").out == "n\n2\n"


# statements in files

SQL = Path(dlr_analytics.__file__).parent / "analysis" / "sql"
FILES = sorted(SQL.rglob("*.sql"))


@pytest.mark.thorough
@pytest.mark.parametrize("metric", METRICS)
def test_the_statement_of_a_metric_runs_unchanged(metric: str, ask: Ask, db: Database) -> None:
    done = ask("-f", SQL / f"metrics/{metric.replace('-', '_')}.sql", "--format", "csv")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].split(",") == [*load(metric).columns]
    assert len(list(csv.reader(done.out.splitlines()))) == 1 + len(db.ask(metric, {"by": ()}))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_statement_of_the_package_runs_or_names_what_is_missing(
    file: Path, one_db: Database
) -> None:
    text = file.read_text(encoding="utf-8")
    try:
        assert one_db.sql(text).columns
    except DlrError as error:
        said = str(error)
    else:
        return
    assert "\n" not in said
    assert file.parent.name != "metrics"
    missing = re.search(r"no relation (\w+)|parameter (\$\w+)", said)
    if missing:
        assert (missing[1] or missing[2]) in text
    else:  # a relation that is there reads one that is not
        assert re.search(r"Table with name \w+ does not exist", said)


def test_a_statement_is_read_from_standard_input(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO("\ufeff-- é\nselect 'é' as x".encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert ask("-f", "-", "--format", "csv").out == "x\né\n"


COMMENTED = ["-- a comment\nselect 1 as x", "--comment\nselect 1 as x", "/* c */ select 1 as x"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("statement", "options"), pairs(COMMENTED, [("--format", "csv"), ("--format=csv",)])
)
def test_a_statement_may_begin_with_a_comment(
    statement: str, options: tuple[str, ...], ask: Ask
) -> None:
    for arguments in ([statement, *options], [*options, statement], [*options, "--", statement]):
        done = ask(*arguments)
        assert (done.code, done.out, done.err) == (0, "x\n1\n", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "sql: no statement; give a statement, or -f and the name of a file"),
        (("select 1", "-f", "own.sql"), "sql: a statement and a file; give a statement, or -f"),
        (("-f", "nowhere.sql"), "'nowhere.sql': No such file or directory"),
        (("-f", "latin1.sql"), "sql: latin1.sql is not UTF-8; save it as UTF-8"),
        (("--nope",), "No such option '--nope'"),
        (("select $x",), "sql: the parameter $x has no value; write the value in its place"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    arguments: tuple[str, ...], sentence: str, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "own.sql").write_text("select 1", encoding="utf-8")
    (tmp_path / "latin1.sql").write_bytes("select 'é'".encode("latin-1"))
    done = ask(*arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert sentence in done.err


def test_an_empty_folder_answers_with_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "sql", "from messages", "--data", tmp_path, "--format", "json")
    assert (done.code, done.out) == (0, "[]\n")
    assert done.err == f"dlr: no receipts in {tmp_path} yet; try dlr receive, or dlr import\n"
