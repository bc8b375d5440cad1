"""``%dlr`` and ``%%dlr``: the command line's words in a notebook."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from IPython.core.completer import CompletionContext
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import dlr_analytics as dlr
from dlr_analytics.analysis.metrics import QUESTIONS, STUDIES
from dlr_analytics.cli.main import cli
from dlr_analytics.notebook.charts.elements.offline import library
from dlr_analytics.notebook.magic import FOLLOW_THEME, OPTIONS, complete
from tests.support.sample import SAMPLE


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A notebook's shell in a working directory with an empty data folder, the extension loaded."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell("%load_ext dlr_analytics")
    yield shell
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()


def offered(text: str, line: int = 0) -> list[str]:
    """What is offered at the end of a line of a cell."""
    lines = text.split("\n")
    before = lines[line]
    token = before.replace(",", " ").split(" ")[-1]
    context = CompletionContext(
        token=token,
        full_text=text,
        cursor_position=len(before),
        cursor_line=line,
        limit=None,
    )
    return [completion.text for completion in complete(context)["completions"]]


def test_the_words_are_those_of_the_command_line(shell: InteractiveShell) -> None:
    result = shell.run_line_magic(
        "dlr",
        "delivery-rate --by network_code,day --since 2026-11-01 --until 2026-11-02"
        " --as-of 2026-11-24T05:00 --tz Europe/London --where \"country = 'GB'\"",
    )
    assert result.metric == "delivery-rate"
    assert result.filters.by == ("network_code", "day")
    assert result.filters.since == datetime(2026, 11, 1)
    assert result.filters.until == datetime(2026, 11, 2)
    assert result.as_of == datetime(2026, 11, 24, 5)
    assert (result.tz, result.filters.where) == ("Europe/London", "country = 'GB'")


def test_the_options_are_those_of_the_command() -> None:
    command = cli.commands["query"]
    known = {option for param in command.params for option in param.opts if option[:2] == "--"}
    # A notebook registers its tables by db.register(…).
    assert set(OPTIONS) == known - {"--format", "--table"}


def test_its_help_names_each_option_with_its_value(shell: InteractiveShell) -> None:
    told = shell.find_line_magic("dlr").__doc__ or ""
    for option, (value, meaning) in OPTIONS.items():
        assert f"{option} {value}" in told
        assert meaning in told


def test_the_body_of_a_cell_is_the_condition(shell: InteractiveShell) -> None:
    result = shell.run_cell_magic("dlr", "cost", "country = 'GB'\n  and price > 0\n")
    assert result.filters.where == "country = 'GB'\n  and price > 0"


def test_watch_is_as_of_the_clock_in_a_notebook_too(shell: InteractiveShell) -> None:
    result = shell.run_cell_magic("dlr", "watch --tz Europe/London", "country = 'GB'")
    assert (result.metric, result.tz) == ("watch", "Europe/London")
    assert result.filters.where == "country = 'GB'"
    assert len(result) == 0
    assert abs(result.as_of - datetime.now(UTC).replace(tzinfo=None)).total_seconds() < 3600


def test_a_cell_without_a_body_asks_for_everything(shell: InteractiveShell) -> None:
    assert shell.run_cell_magic("dlr", "cost", "\n").filters.where is None


def test_what_python_knows_can_stand_in_the_line(shell: InteractiveShell) -> None:
    done = shell.run_cell(
        "since = '2026-11-01'\nresult = get_ipython().run_line_magic('dlr', 'cost --since {since}')"
    )
    assert done.success
    assert shell.user_ns["result"].filters.since == datetime(2026, 11, 1)


def test_the_notebooks_own_db_is_asked(shell: InteractiveShell, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").rmdir()
    shell.user_ns["db"] = dlr.open(tmp_path / "elsewhere")
    assert shell.run_line_magic("dlr", "cost").messages_total == 0


def test_a_folder_that_is_named_wins(shell: InteractiveShell) -> None:
    shell.user_ns["db"] = dlr.open("data")
    with pytest.raises(UsageError, match="no folder nowhere"):
        shell.run_line_magic("dlr", "cost --data nowhere")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("line", "body", "sentence"),
    [
        ("delivery_rat", "", "unknown metric 'delivery_rat'; did you mean 'delivery-rate'?"),
        ("cost --by netwrk", "", "unknown column 'netwrk'; did you mean 'network'?"),
        ("cost --since yesterdayish", "", "since: 'yesterdayish' is no date"),
        ("cost --bye day", "", "unrecognized arguments: --bye day"),
        ("cost --where a", "b", "the condition is the body of the cell"),
        ("cost --where 'a", "", "No closing quotation in: cost --where 'a"),
        ("cost", "1=1; drop table", "where"),
        ("", "", "the following arguments are required: METRIC"),
    ],
)
def test_a_mistake_is_one_clear_line(
    shell: InteractiveShell, line: str, body: str, sentence: str
) -> None:
    with pytest.raises(UsageError) as raised:
        shell.run_cell_magic("dlr", line, body) if body else shell.run_line_magic("dlr", line)
    assert sentence in str(raised.value)


def test_a_study_is_asked_for_like_a_metric(shell: InteractiveShell) -> None:
    result = shell.run_line_magic("dlr", "scts-offsets")
    assert (result.metric, result.by) == ("scts-offsets", ("network_code", "week"))
    assert shell.run_line_magic("dlr", "scts-offsets --by country").by == ("country",)


def test_charts_follow_the_theme_from_the_loading_on(shell: InteractiveShell) -> None:
    shell.display_pub = CapturingDisplayPublisher(shell=shell)
    shell.run_line_magic("load_ext", "dlr_analytics")
    assert [output["data"] for output in shell.display_pub.outputs] == [
        {"text/html": FOLLOW_THEME + library()}
    ]
    assert shell.Completer.custom_matchers.count(complete) == 1


def test_the_cell_that_loads_can_run_again(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """As "Run All Cells" does in a kernel that lives on: the style is there again, in silence."""
    shell.display_pub = CapturingDisplayPublisher(shell=shell)
    for _ in range(2):
        assert shell.run_cell("%load_ext dlr_analytics").success
    shown = [output["data"] for output in shell.display_pub.outputs]
    assert shown == [{"text/html": FOLLOW_THEME + library()}] * 2
    assert "already loaded" not in "".join(capsys.readouterr())


def test_metrics_are_offered_first() -> None:
    assert offered("%dlr ") == [*QUESTIONS]
    assert offered("%%dlr del") == ["delivery-rate"]


def test_columns_are_offered_after_by_and_after_a_comma() -> None:
    assert offered("%%dlr cost --by net") == ["network_code", "network"]
    assert offered("%%dlr cost --by country,da") == ["day"]


def test_options_are_offered_that_are_not_there_yet() -> None:
    assert offered("%dlr cost --by day --") == [option for option in OPTIONS if option != "--by"]


def test_a_study_offers_its_own_options_and_none_that_it_does_not_take() -> None:
    options = offered("%dlr compare delivery_rate --")
    assert "--periods" in options
    assert "--unit" not in options
    assert "--by" in options


@pytest.mark.parametrize("study", [name for name in STUDIES if name in cli.commands])
def test_a_study_offers_the_options_of_its_command(study: str) -> None:
    wanted = {option for param in cli.commands[study].params for option in param.opts}
    options = {option for option in wanted if option.startswith("--")}
    assert set(offered(f"%dlr {study} --")) | {"--format", "--table"} >= options
    assert "--unit" not in offered(f"%dlr {study} --")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("compare cost_per_message --by country --periods 5", {"periods": 5}),
        ("decompose --by country --against 2026-11-01/2026-11-08", {}),
        ("changes --by network_code", {}),
        ("prices", {}),
        ("forecast --tz Europe/London", {}),
        ("watch --as-of 2026-11-23", {}),
    ],
)
def test_each_study_is_a_cell_with_its_own_options(
    line: str, own: dict[str, object], shell: InteractiveShell
) -> None:
    shell.user_ns["db"] = dlr.open(SAMPLE)
    result = shell.run_cell_magic("dlr", line, "channel = 'sms'")
    assert result.metric == line.split(maxsplit=1)[0]
    assert result.filters.where == "channel = 'sms'"
    assert list(result.columns[-len(STUDIES[result.metric].columns) :]) == list(
        STUDIES[result.metric].columns
    )
    if own:
        assert max(row[result.columns.index("periods")] for row in result.rows()) <= own["periods"]


def test_values_of_other_options_are_ones_own() -> None:
    assert offered("%dlr cost --since ") == []
    assert offered("%dlr compare --periods ") == []


def test_columns_are_offered_in_the_body_of_the_cell() -> None:
    assert offered("%%dlr cost\nsent_at_s", line=1) == ["sent_at_source"]


@pytest.mark.parametrize("text", ["dl", "x = dlr ", "%dlrx ", "%%timeit\nnet"])
def test_other_cells_are_left_alone(text: str) -> None:
    assert offered(text, line=text.count("\n")) == []


def test_loading_the_package_loads_no_ipython() -> None:
    assert dlr.load_ipython_extension.__module__ == "dlr_analytics.notebook.magic"
    assert "load_ipython_extension" not in dir(dlr)
