"""``dlr notebook``: parameters as they were given, nothing overwritten, errors in one line."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.errors import UsageError
from dlr_analytics.notebook import filled
from dlr_analytics.notebook.export import run_and_export
from dlr_analytics.notebook.shipped import notebooks_folder, sample
from tests.support.commands import run

ENDING: dict[str, Any] = {
    "cell_type": "code",
    "id": "x",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
    "source": "import os; os._exit(1)",
}
NAMES = sorted(path.stem for path in notebooks_folder().glob("*.ipynb"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in an empty folder, with no settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLR_DATA", raising=False)


def parameters(text: str) -> dict[str, Any]:
    """What the tagged cell of a notebook assigns."""
    cells = json.loads(text)["cells"]
    (cell,) = (c for c in cells if "parameters" in c["metadata"].get("tags", ()))
    body = ast.parse("".join(cell["source"])).body
    assert all(isinstance(node, ast.Assign) for node in body)
    return {
        ast.unparse(node.targets[0]): ast.literal_eval(node.value)
        for node in body
        if isinstance(node, ast.Assign)
    }


@given(
    name=st.sampled_from(NAMES),
    values=st.dictionaries(
        st.sampled_from(["data", "since", "until", "tz", "where", "title"]), st.text()
    ),
)
def test_any_text_comes_back_from_its_cell_and_the_rest_stays(
    name: str, values: dict[str, str]
) -> None:
    plain = parameters(filled.fill(name, {}))
    assert parameters(filled.fill(name, values)) == {**plain, **values}
    assert list(plain) == ["data", "since", "until", "tz", "where", "title"]


def test_without_a_name_it_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, "notebook")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == NAMES


def test_it_writes_what_the_options_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = "sender = 'O''Neill'\nor sender = '\"\"\"'"
    told = ("--since", "7d", "--tz", "Asia/Kolkata", "--where", where, "--title", "It's \\n")
    done = run(capsys, "notebook", "cost", "--data", os.path.relpath(sample()), *told)
    assert (done.code, done.out) == (0, "04-cost.ipynb\n")
    assert parameters((tmp_path / "04-cost.ipynb").read_text(encoding="utf-8")) == {
        "data": str(sample().resolve()),
        "since": "7d",
        "until": None,
        "tz": "Asia/Kolkata",
        "where": where,
        "title": "It's \\n",
    }


def test_the_settings_decide_where_no_folder_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "data" / "receipts").mkdir(parents=True)

    def read(file: str) -> Any:
        assert run(capsys, "notebook", "cost", "-o", file).code == 0
        return parameters((tmp_path / file).read_text(encoding="utf-8"))["data"]

    assert read("usual.ipynb") == str(tmp_path / "data")
    monkeypatch.setenv("DLR_DATA", "mine")
    assert read("told.ipynb") == str(tmp_path / "mine")
    monkeypatch.delenv("DLR_DATA")
    (tmp_path / "data" / "receipts").rmdir()
    assert read("sample.ipynb") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("04-cots",), "did you mean '04-cost'?"),
        (("cost", "-o", "a.html"), "does not end in .ipynb"),
        (("cost", "-o", "there.ipynb"), "there.ipynb exists"),
        (("cost", "-o", "page.ipynb", "--html"), "page.html exists"),
        (("cost", "-o", "no/a.ipynb"), "no folder no"),
        (("cost", "--data", "nothing"), "no folder nothing"),
        (("cost", "--since", "yesterdayish"), "since: 'yesterdayish' is no date"),
        (("cost", "--tz", "Europe/Londn"), "did you mean 'Europe/London'?"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "there.ipynb").write_text("mine", encoding="utf-8")
    (tmp_path / "page.html").write_text("mine", encoding="utf-8")
    done = run(capsys, "notebook", *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert said in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "there.ipynb"]
    assert (tmp_path / "there.ipynb").read_text(encoding="utf-8") == "mine"


def test_an_unwritable_folder_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refuse(self: Path, mode: str = "r", **how: Any) -> Any:
        if "x" in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, mode, **how)

    monkeypatch.setattr(Path, "open", refuse)
    done = run(capsys, "notebook", "cost", "-o", "a.ipynb")
    assert done.code == 2
    assert done.err.startswith("dlr: a.ipynb: Permission denied; run it as the user to whom")
    assert done.err.count("\n") == 1


@pytest.mark.thorough
def test_a_refused_condition_is_one_line_and_the_notebook_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "notebook", "cost", "--where", "true; drop table x", "--html")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith("dlr: 04-cost.ipynb stopped: where:")
    assert [path.name for path in tmp_path.iterdir()] == ["04-cost.ipynb"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda notebook: notebook["cells"].clear() or notebook["cells"].append(ENDING), "died"),
        (lambda notebook: notebook["metadata"]["kernelspec"].update(name="none"), "none"),
    ],
    ids=["the kernel ends", "no such kernel"],
)
def test_a_kernel_that_ends_or_is_not_there_is_one_line(
    tmp_path: Path, change: Callable[[Any], None], said: str
) -> None:
    file, page = tmp_path / "a.ipynb", tmp_path / "a.html"
    notebook = json.loads(filled.fill("01-quickstart", {}))
    change(notebook)
    file.write_text(json.dumps(notebook), encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(UsageError) as refused:
        run_and_export(file, page)
    assert len(str(refused.value).splitlines()) == 1
    assert said in str(refused.value).lower()
    assert (file.read_bytes(), page.exists()) == (before, False)


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for command in (("notebook", "cost", "--html"), ("lab",)):
        done = run(capsys, *command)
        assert done.code == 2
        assert done.err.rstrip().endswith('pip install "dlr_analytics[lab]"')
        assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_the_export_has_the_title_and_the_notebook_its_outputs(tmp_path: Path) -> None:
    file, page = tmp_path / "a.ipynb", tmp_path / "a.html"
    file.write_text(filled.fill("01-quickstart", {"title": "</title><b>"}), encoding="utf-8")
    run_and_export(file, page)
    text = page.read_text(encoding="utf-8")
    assert "<title>&lt;/title&gt;&lt;b&gt;</title>" in text
    assert "<h1>&lt;/title&gt;&lt;b&gt;</h1>" in text
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    assert any(cell.get("outputs") for cell in cells)


@pytest.mark.thorough
def test_lab_copies_what_is_missing_and_replaces_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine" / "books"
    folder.mkdir(parents=True)
    (folder / "04-cost.ipynb").write_text("mine", encoding="utf-8")
    (folder / "03-latency.ipynb").symlink_to(tmp_path / "nowhere")
    command = [sys.executable, "-m", "dlr_analytics", "lab", "--notebooks", str(folder)]
    done = subprocess.run(
        [*command, "--", "--version"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", done.stdout)
    assert sorted(path.name for path in folder.iterdir()) == [f"{name}.ipynb" for name in NAMES]
    assert (folder / "04-cost.ipynb").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "nowhere").exists()
    for name in ("01-quickstart", "02-delivery-rates"):
        copy, original = folder / f"{name}.ipynb", notebooks_folder() / f"{name}.ipynb"
        assert copy.read_bytes() == original.read_bytes()


def test_lab_gives_the_notebooks_the_data_directory_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _, command, world: given.append((command, world)))
    (tmp_path / "mine").mkdir()
    assert run(capsys, "lab", "--data", "mine", "--notebooks", "books").code == 0
    ((command, environment),) = given
    assert f"--notebook-dir={tmp_path / 'books'}" in command
    assert environment["DLR_DATA"] == str(tmp_path / "mine")
    (config,) = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)[:1]
    assert (Path(config) / "labconfig" / "page_config.json").is_file()


def test_lab_with_no_data_directory_is_one_line_and_copies_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "lab", "--data", "nothing")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert list(tmp_path.iterdir()) == []
