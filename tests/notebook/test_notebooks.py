"""The notebooks run from top to bottom, offline, and say what their data shows."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

import dlr_analytics as dlr
from dlr_analytics.notebook.charts.elements.offline import library
from tests.support.quick import first_quick

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FETCHES = re.compile(r"<(link|img|iframe)|\b(src|href)\s*=|url\(|@import")
PLOTLY = "application/vnd.plotly.v1+json"

SPARK = ROOT / "notebooks" / "10-spark.ipynb"

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_without_java = pytest.mark.parametrize(
    "path",
    first_quick([path for path in NOTEBOOKS if path != SPARK], 2),
    ids=lambda path: path.stem,
)


def run(
    path: Path, timeout: int = 120, kernel: KernelManager | None = None, **parameters: Any
) -> Any:
    """A notebook after it ran in its own folder, with papermill's way of setting parameters.

    In a new kernel, or in one in which others have run, of which it finds no names.
    """
    notebook = nbformat.read(path, as_version=4)
    if parameters:
        lines = [f"{name} = {value!r}" for name, value in parameters.items()]
        tagged = next(n for n, c in enumerate(notebook.cells) if "parameters" in tags(c))
        notebook.cells.insert(tagged + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    if kernel is not None:
        notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    client = NotebookClient(
        notebook, km=kernel, timeout=timeout, resources={"metadata": {"path": path.parent}}
    )
    client.execute()
    if kernel is not None and client.kc is not None:
        client.kc.stop_channels()
    return notebook


def tags(cell: Any) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", ()))


def code(notebook: Any) -> list[Any]:
    """Its cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: Any) -> list[Any]:
    """All that its cells put out."""
    return [output for cell in code(notebook) for output in cell.outputs]


@pytest.fixture(scope="module")
def ran() -> Callable[[Path], Any]:
    """Runs a notebook, each once."""
    return functools.cache(run)


@each_without_java
def test_it_runs_and_shows_tables_and_charts_and_no_warning(
    ran: Callable[[Path], Any], path: Path
) -> None:
    shown = outputs(ran(path))
    assert [output for output in shown if output.output_type in {"stream", "error"}] == []
    data = [output.data for output in shown]
    assert sum('class="dlr"' in one.get("text/html", "") for one in data) >= 1
    assert sum(PLOTLY in one for one in data) >= 2


@each_without_java
def test_its_charts_have_marks_and_no_button_that_uploads(
    ran: Callable[[Path], Any], path: Path
) -> None:
    charts = [o.data[PLOTLY] for o in outputs(ran(path)) if PLOTLY in o.data]
    for chart in charts:
        assert len(chart["data"]) > 0
        assert chart["config"]["showSendToCloud"] is False


@each_without_java
def test_nothing_in_its_outputs_is_fetched(ran: Callable[[Path], Any], path: Path) -> None:
    pages = [output.data.get("text/html", "") for output in outputs(ran(path))]
    assert [page for page in pages if FETCHES.search(page)] == []


@each_notebook
def test_it_selects_a_kernel_so_that_no_dialog_asks(path: Path) -> None:
    assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "python3"


def test_the_first_chart_is_there_within_three_cells(ran: Callable[[Path], Any]) -> None:
    first = code(ran(NOTEBOOKS[0]))[:3]
    assert any(PLOTLY in output.data for cell in first for output in cell.outputs)


@each_notebook
def test_its_parameters_can_be_set_from_outside(path: Path) -> None:
    (cell,) = (c for c in code(nbformat.read(path, as_version=4)) if "parameters" in tags(c))
    names: dict[str, Any] = {}
    exec(cell.source, {}, names)
    assert list(names) == ["data", "since", "until", "tz", "where", "title"]


@pytest.fixture(scope="module")
def one_kernel() -> Iterator[KernelManager]:
    """A kernel for several notebooks; that each runs in a new one is checked above."""
    kernel = KernelManager()
    yield kernel
    kernel.shutdown_kernel(now=True)


@pytest.mark.thorough
@each_without_java
@pytest.mark.parametrize(
    "where",
    [
        "false",
        pytest.param(
            "sender = 'O''Neill' or\nnetwork_code = '310410'", id="silent", marks=pytest.mark.slow
        ),
    ],
)
def test_it_runs_on_any_messages_and_names_none_but_theirs(
    path: Path, where: str, one_kernel: KernelManager
) -> None:
    asked: dict[str, Any] = {
        "where": where,
        "since": "2026-10-25",
        "tz": "Asia/Kolkata",
        "title": "<b>'\"",
    }
    notebook = run(path, kernel=one_kernel, **asked)
    shown = outputs(notebook)
    assert [output for output in shown if output.output_type in {"stream", "error"}] == []
    texts = " ".join(str(output.data.get("text/html", "")) for output in shown)
    texts = texts.replace(library(), "")  # compressed: any two letters are in it
    assert "<h1>&lt;b&gt;&#39;&#34;</h1>" in texts
    assert "Asia/Kolkata" in texts
    assert re.search(r"\b(23410|26202|72402|GB|DE)\b", texts) is None


@each_notebook
def test_its_prose_names_no_network_and_no_figure_of_one_data_set(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    texts = [cell.source for cell in cells if "parameters" not in tags(cell)]
    assert [t for t in texts if re.search(r"\b\d{5,6}\b|\b20\d\d-|\b\d+ (Nov|Oct)", t)] == []


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.skipif(not shutil.which("java"), reason="there is no Java")
def test_the_notebook_on_spark_finds_no_cell_that_differs() -> None:
    pytest.importorskip("pyspark")
    shown = outputs(run(SPARK, timeout=600, where="country = 'GB'"))
    assert [output for output in shown if output.output_type == "error"] == []
    texts = " ".join(str(getattr(output, "data", {}).get("text/html", "")) for output in shown)
    (compared,) = re.findall(r"(\d+) cells compared, 0 differ\.", texts)
    assert int(compared) > 20
    assert sum(PLOTLY in getattr(output, "data", {}) for output in shown) == 2


@pytest.mark.thorough
def test_dlr_data_decides_where_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLR_DATA", str(tmp_path))
    shown = outputs(run(ROOT / "notebooks" / "04-cost.ipynb"))
    assert [output for output in shown if output.output_type == "error"] == []
    texts = " ".join(str(output.data.get("text/html", "")) for output in shown)
    assert "no messages" in texts
    assert "simulated sample" not in texts


@pytest.mark.thorough
def test_parameters_reach_the_questions() -> None:
    notebook = run(ROOT / "notebooks" / "04-cost.ipynb", where="country = 'DE'", since="2026-11-01")
    table = next(o for o in outputs(notebook) if 'class="dlr"' in o.data.get("text/html", ""))
    assert "<td>DE</td>" in table.data["text/html"]
    assert "<td>GB</td>" not in table.data["text/html"]


@pytest.fixture(scope="module")
def sample() -> dlr.Database:
    """What the notebooks read."""
    return dlr.open(ROOT / "data" / "sample")


@pytest.mark.thorough
def test_a_network_stops_at_accepted_as_the_second_notebook_tells(sample: dlr.Database) -> None:
    rows = sample.delivery_rate(by="status", where="network_code = '310410'").df()
    assert rows["status"].tolist() == ["accepted"]


def test_a_network_filters_for_two_weeks_as_the_second_notebook_tells(
    sample: dlr.Database,
) -> None:
    filtered = "network_code = '26202' and err_code in (6, 50, 51, 52, 53, 54)"
    rows = sample.errors(by="week", where=filtered).df().groupby("week")["messages"].sum()
    weeks = {str(week)[:10]: count for week, count in rows.items()}
    assert {week for week, count in weeks.items() if count > 20} == {"2026-11-09", "2026-11-16"}


def test_the_settled_flatter_the_present_as_the_second_notebook_tells(
    sample: dlr.Database,
) -> None:
    days = sample.delivery_rate(by="day", where="network_code <> '310410'").df().tail(3)
    assert (days["delivered"] / days["settled"] > days["delivery_rate"]).any()
    assert (days["delivered"] / days["settled"] >= days["delivery_rate"]).all()


def test_the_stand_in_is_too_short_as_the_third_notebook_tells(sample: dlr.Database) -> None:
    p50 = sample.latency(by="sent_at_source").df().set_index("sent_at_source")["push_p50_s"]
    assert p50["accepted"] < p50["sends"]


def test_scts_as_written_misleads_by_hours_as_the_third_notebook_tells(
    sample: dlr.Database,
) -> None:
    ((least, most),) = sample.sql("""
        with naive as (
            select network_code, median(date_diff('second', sent_at, scts)) as s
            from messages where outcome = 'delivered' group by network_code
        )
        select min(s), max(s) from naive
    """).rows()
    assert least < -3600
    assert most > 3600


def test_a_price_rises_once_as_the_fourth_notebook_tells(sample: dlr.Database) -> None:
    rows = sample.sql("""
        select price, min(message_time)::date from messages
        where network_code = '72402' and price is not null group by price order by price
    """).rows()
    assert len(rows) == 2
    assert str(rows[1][1]) > "2026-11-01"


def test_receipts_repeat_prices_as_the_fourth_notebook_tells(sample: dlr.Database) -> None:
    ((summed,),) = sample.sql("select sum(price) from receipts").rows()
    assert summed > sample.cost().df()["cost"].item()
