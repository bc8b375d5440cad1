"""``dlr query``: metrics in four formats, and common mistakes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.metrics import METRICS, QUESTIONS, STUDIES
from dlr_analytics.analysis.query import load
from tests.support.commands import Done, run
from tests.support.data_directories import store
from tests.support.pipelines import NOON, after, receipt
from tests.support.quick import pairs

Ask = Callable[..., Done]

HOSTILE = "<script>alert(1)</script>|=cmd|\u202e" + "A" * 10_000 + "\n| x |"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    store(
        folder,
        receipt("A", scts=NOON),
        receipt("B", "failed", 60, err_code=3),
        receipt("C", "buffered", 120, network_code=None, price=None),
    )
    return folder


@pytest.fixture
def ask(data: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return lambda *arguments: run(capsys, "query", *arguments, "--data", data)


def objects(done: Done) -> list[dict[str, Any]]:
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    assert isinstance(rows, list)
    return rows


# formats


@pytest.mark.thorough
@pytest.mark.parametrize(("metric", "form"), pairs([*METRICS], ["table", "csv", "json", "md"]))
def test_every_metric_is_answered_in_every_format(metric: str, form: str, ask: Ask) -> None:
    done = ask(metric, "--by", "day", "--format", form)
    assert (done.code, done.err) == (0, "")
    for column in ["day", *load(metric).columns]:
        assert column.replace("_", r"\_" if form == "md" else "_") in done.out


def test_the_default_is_a_table_with_figures_to_the_right(ask: Ask) -> None:
    done = ask("errors", "--by", "err_code", "--as-of", "2027-01-01")
    wide = [
        line.replace("Absent subscriber, permanent", "Absent") for line in done.out.splitlines()
    ]
    assert [" ".join(line.split()) for line in wide] == [
        "err_code meaning kind advice messages share per_message",
        "3 Absent permanent Stop sending to the number. 1 0.5000 0.3333",
        "– – – – 1 0.5000 0.3333",
    ]
    assert len(set(map(len, done.out.splitlines()))) == 1
    assert [line[:10] for line in done.out.splitlines()] == [
        "err_code  ",
        "       3  ",
        "       –  ",
    ]


def test_csv_is_read_back_by_any_reader_of_csv(ask: Ask) -> None:
    done = ask("cost", "--by", "network_code,day,hour,problems", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert rows[0]["network_code"] == "23410"
    assert (rows[0]["day"], rows[0]["hour"]) == ("2026-11-03", "2026-11-03T12:00:00")
    assert json.loads(rows[0]["problems"]) == []
    assert Decimal(rows[0]["cost"]) == Decimal("0.0666")
    assert rows[-1]["network_code"] == rows[-1]["cost"] == ""


def test_json_is_one_array_of_objects_by_the_contract_s_rules(ask: Ask) -> None:
    by = "day,hour,network_code,problems,final"
    last = objects(ask("cost", "--by", by, "--format", "json"))[-1]
    assert last["day"] == "2026-11-03"
    assert last["hour"] == "2026-11-03T12:00:00"
    assert (last["network_code"], last["cost"]) == (None, None)
    assert isinstance(last["problems"], list)
    assert last["final"] is False
    first = objects(ask("cost", "--format", "json"))[0]
    assert (first["messages"], first["cost"]) == (3, "0.06660000")
    rate = objects(ask("delivery-rate", "--as-of", "2027-01-01", "--format", "json"))[0]
    assert rate["delivery_rate"] == 1 / 3


@pytest.mark.thorough
@pytest.mark.parametrize("question", ["delivery-rate", "errors --by sender", "changes", "watch"])
def test_a_condition_that_no_message_matches_is_named(question: str, ask: Ask) -> None:
    asked = [*question.split(), "--where", "sender = 'Acne'"]
    assert (
        ask(*asked).err == "dlr: no messages match; check the values in --where, and the period\n"
    )
    assert ask(*question.split()).err == ""


def test_in_json_nothing_found_is_an_empty_array(ask: Ask) -> None:
    assert objects(ask("cost", "--by", "day", "--until", "2020-01-01", "--format", "json")) == []


@pytest.mark.parametrize("form", ["table", "csv", "md"])
def test_nothing_found_is_a_head_without_rows(form: str, ask: Ask) -> None:
    done = ask("cost", "--by", "day", "--until", "2020-01-01", "--format", form)
    assert done.code == 0
    assert len(done.out.splitlines()) == (2 if form == "md" else 1)


def test_in_markdown_nothing_that_a_stranger_wrote_is_markup(data: Path, ask: Ask) -> None:
    store(data, receipt("H", sender=HOSTILE))
    done = ask("delivery-rate", "--by", "sender", "--format", "md")
    lines = done.out.splitlines()
    assert len(lines) == 2 + 2
    heads = lines[1].count("|")
    for line in lines:
        assert line.replace(r"\|", "").count("|") == heads
        assert len(line) < 400
    assert "<script" not in done.out
    assert "\u202e" not in done.out


def test_in_a_table_a_stranger_s_name_takes_one_line_of_bounded_width(data: Path, ask: Ask) -> None:
    store(data, receipt("H", sender=HOSTILE))
    done = ask("delivery-rate", "--by", "sender")
    assert len(done.out.splitlines()) == 3
    assert max(map(len, done.out.splitlines())) < 300
    assert "\u202e" not in done.out


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["csv", "json"])
def test_for_machines_a_stranger_s_name_is_whole(form: str, data: Path, ask: Ask) -> None:
    store(data, receipt("H", sender=HOSTILE))
    done = ask("errors", "--by", "sender", "--format", form)
    assert done.code == 0
    done = ask("cost", "--by", "sender", "--format", form)
    rows = json.loads(done.out) if form == "json" else csv.DictReader(io.StringIO(done.out))
    assert HOSTILE in [row["sender"] for row in rows]


# what is asked


def test_the_options_mean_what_the_keywords_of_python_mean(ask: Ask, data: Path) -> None:
    done = ask(
        *("delivery-rate", "--by", "day, network_code", "--since", "2026-11-03T13:00"),
        *("--until", "2026-11-04", "--tz", "Europe/Paris", "--where", "price is not null"),
        *("--as-of", "2026-11-03T13:01:30", "--format", "json"),
    )
    rows = objects(done)
    assert [(row["day"], row["network_code"], row["messages"]) for row in rows] == [
        ("2026-11-03", "23410", 2)
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("metric", METRICS)
def test_options_may_stand_before_and_after_the_metric(metric: str, ask: Ask) -> None:
    assert ask("--format", "json", metric).out == ask(metric, "--format", "json").out


def test_unsealed_receipts_are_counted(data: Path, ask: Ask) -> None:
    store(data, receipt("D", seconds=200))
    assert objects(ask("cost", "--format", "json"))[0]["messages"] == 4


# help


def test_help_lists_the_metrics_with_their_sentences(ask: Ask) -> None:
    done = ask("--help")
    assert done.code == 0
    for metric in METRICS:
        assert metric in done.out
        assert " ".join(load(metric).sentence.split()[:4]) in done.out


def test_help_lists_studies_apart_from_metrics(ask: Ask) -> None:
    metrics, studies = ask("--help").out.partition("\nMetrics:\n")[2].split("\n\nStudies", 1)
    assert [name for name in STUDIES if f"\n  {name} " not in studies] == []
    assert [name for name in STUDIES if f"\n  {name} " in metrics] == []


@pytest.mark.parametrize("metric", METRICS)
def test_help_on_a_metric_explains_its_columns(metric: str, ask: Ask) -> None:
    done = ask(metric, "--help")
    for column, meaning in load(metric).columns.items():
        assert f"  {column} " in done.out
        assert " ".join(meaning.split()[:3]) in " ".join(done.out.split())


# mistakes

MISTAKES = {
    "delivery_rat": "unknown metric 'delivery_rat'; did you mean 'delivery-rate'?",
    "": "unknown metric ''; there are: delivery-rate",
    "cost --by contry": "unknown column 'contry'; did you mean 'country'?",
    "cost --by day,": "unknown column ''",
    "cost --since yesterdayish": "since: 'yesterdayish' is no date and no ISO time; write it like",
    "cost --until 2026-13-01": "until: '2026-13-01' is no date",
    "cost --since 2026-11-20 --until 2026-11-10": "since (2026-11-20 00:00 UTC) is after until",
    "cost --where price": "where: 'price' is DECIMAL(18,8), not a condition; give one, like",
    "cost --memory 1MiB": "this takes more memory than it may; give more: DLR_MEMORY, --memory",
    "cost --as-of soon": "as_of: 'soon' is no date",
    "cost --tz Europe/Londn": "tz: no time zone 'Europe/Londn'; did you mean 'Europe/London'?",
    "cost --where 1=1;␠drop␠table": "where: '1=1; drop table' is not one expression; give one",
    "cost --where nope=1": 'where: Binder Error: Referenced column "nope" not found',
    "cost --where exists(from␠'x.csv')": "where: there is no relation x.csv that may be read",
    "cost --format xml": "'xml' is not one of 'table', 'csv', 'json', 'md'",
    "cost --nope 1": "No such option '--nope'",
    "cost errors": "Got unexpected extra argument (errors)",
}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_who_is_interrupted_says_so_and_exits_130(
    error: BaseException, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise error

    monkeypatch.setattr(Database, "ask", interrupted)
    done = ask("cost")
    assert (done.code, done.out, done.err.lstrip()) == (130, "", "dlr: stopped\n")


def test_an_unknown_variable_is_named_on_stderr(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLR_DTA", "/x")
    done = ask("cost")
    assert (done.code, done.err) == (0, "dlr: DLR_DTA is not a setting and is ignored\n")


def test_without_a_command_the_help_is_shown_and_the_exit_is_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run(capsys)
    assert done.code == 2
    assert "Commands:\n" in done.err


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_gets_one_clear_line_and_exit_2(words: str, ask: Ask) -> None:
    done = ask(*(word.replace("␠", " ") for word in words.split(" ")))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("dlr: ")
    assert done.err.count("\n") == 1
    assert MISTAKES[words] in done.err


def test_a_metric_in_place_of_a_command_is_named_with_its_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run(capsys, "delivery_rate")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "dlr: No such command 'delivery_rate'. It is a metric: dlr query delivery-rate\n"
    )


def test_without_a_metric_they_are_named(ask: Ask) -> None:
    done = ask()
    assert (done.code, done.out) == (2, "")
    assert done.err == f"dlr: no metric given; name one of {', '.join(QUESTIONS)}\n"


def test_a_folder_that_does_not_exist_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "query", "cost", "--data", tmp_path / "nowhere")
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"dlr: no folder {tmp_path / 'nowhere'}; check --data, or receive into it first\n"
    )


@pytest.mark.thorough
@pytest.mark.parametrize("metric", METRICS)
def test_an_empty_folder_answers_as_usual_with_a_hint(
    metric: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "query", metric, "--data", tmp_path, "--format", "json")
    assert done.code == 0
    # A study has columns of its own where none are given, and no row where there is no message.
    assert {row["messages"] for row in json.loads(done.out)} <= {0}
    assert json.loads(done.out) or metric == "scts-offsets"
    assert done.err == f"dlr: no receipts in {tmp_path} yet; try dlr receive, or dlr import\n"


def test_send_records_without_receipts_are_messages_and_the_hint_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sends.csv"
    file.write_text("message_id,sent_at\nA,2026-11-03T12:00:00Z\n", encoding="utf-8")
    assert run(capsys, "sends", file, "--data", tmp_path).code == 0
    done = run(capsys, "query", "cost", "--data", tmp_path, "--format", "json")
    assert json.loads(done.out)[0]["messages"] == 1
    assert "no receipts" in done.err


# the process


def dlr(*arguments: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "dlr_analytics", *arguments],
        capture_output=True,
        env=os.environ | settings,
        timeout=60,
    )


def test_a_character_that_stdout_lacks_is_escaped(data: Path) -> None:
    store(data, receipt("H", sender="Größe €"))
    arguments = ("query", "cost", "--by", "sender", "--data", str(data))
    done = dlr(*arguments, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Gr\\xf6\\xdfe \\u20ac" in done.stdout


def test_a_query_loads_neither_pandas_nor_plotly(data: Path) -> None:
    code = (
        "import sys; from dlr_analytics.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "query", "cost", "--data", str(data)],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"pandas", "numpy", "plotly", "tornado", "jinja2", "pyarrow", "xlsxwriter"}
    assert heavy.isdisjoint(done.stdout.splitlines()[-1].split())


def test_a_reader_that_goes_away_is_no_error(data: Path) -> None:
    for n in range(50):
        store(data, receipt(f"m{n}", seconds=n))
    statement = "select repeat('x', 1000) from messages, range(1000)"
    dlr_sql = [sys.executable, "-m", "dlr_analytics", "sql", statement, "--format", "csv"]
    with subprocess.Popen(
        [*dlr_sql, "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_as_of_gives_the_answer_of_that_time(ask: Ask) -> None:
    then = after(90).isoformat()
    done = ask("delivery-rate", "--as-of", then, "--format", "json")
    assert objects(done)[0]["messages"] == 2
