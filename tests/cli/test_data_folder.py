"""What is no data directory for this release: every command says so, and creates nothing."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import dlr_analytics
from dlr_analytics.cli.main import cli
from dlr_analytics.errors import NewerFormat, SettingsError
from dlr_analytics.store.receipts import seal
from tests.support.commands import run

URLS = ("gs://bucket", "file:///tmp/x", "s3:/b", "S3://b", "abfss://c@a.example/x")
BUCKET = "s3://bucket/x"
VALUES = {
    "metric": "delivery-rate",
    "statement": "select 1",
    "message": "A",
    "files": "x.jsonl",
    "address": "s3://b-1/x",
}
READ = {
    "query",
    "sql",
    "report",
    "message",
    "number",
    "watch",
    "changes",
    "reconcile",
    "quarantine",
}
MORE = {
    "try": ["--to", "447700900001", "--yes"],
    "number": ["447700900001"],
    "message": ["A"],
    "prune": ["--before", "2026-10-01", "--yes"],
    "forget": ["447700900001", "--yes"],
}


def with_data(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that takes ``--data``, with values for its arguments."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from with_data(command, (*path, name))
        elif command and any("--data" in each.opts for each in command.params):
            required = [
                VALUES.get(each.name or "", "1")
                for each in command.params
                if isinstance(each, click.Argument)
            ]
            yield (*path, name, *(MORE.get(name) or required))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "x.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def created(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")} - {"x.jsonl", "dlr.toml"}


@pytest.mark.parametrize("command", list(with_data(cli)), ids=" ".join)
def test_every_command_refuses_a_url(
    command: tuple[str, ...], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for url in URLS:
        done = run(capsys, *command, "--data", url)
        assert (done.code, done.out, created(here)) == (2, "", set()), done.err
        assert done.err.count("\n") == 1
        assert f"{url!r} cannot be used; give a" in done.err
        assert "an address like s3://bucket/prefix" in done.err


def test_every_command_that_writes_refuses_a_bucket(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without asking it: opening a store fails the test."""
    monkeypatch.setitem(sys.modules, "obstore", None)
    refused = set()
    for command in with_data(cli):
        done = run(capsys, *command, "--data", BUCKET)
        assert (done.code, done.out, created(here)) == (2, "", set()), done.err
        assert done.err.count("\n") == 1
        if all(way in done.err for way in ("DLR_SHIP_TO", "pull", "publish")):
            refused.add(command[0])
    assert refused >= {"receive", "import", "sends", "compact", "prune", "forget", "demo"}
    assert refused.isdisjoint(READ)
    done = run(capsys, "quarantine", "--replay", "--data", BUCKET)
    assert (done.code, "DLR_SHIP_TO" in done.err) == (2, True)


def test_every_command_that_reads_names_the_extra_where_it_is_missing(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for command in with_data(cli):
        if command[0] in READ - {"lab", "notebook"}:
            done = run(capsys, *command, "--data", BUCKET)
            assert (done.code, done.out, created(here)) == (2, "", set()), done.err
            assert done.err == (
                "dlr: obstore is not installed, which s3://bucket/x needs;"
                " pip install 'dlr_analytics[s3]'\n"
            )


@pytest.mark.parametrize("command", list(with_data(cli)), ids=" ".join)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2\n", "has format 2, and this release knows up to 1; upgrade dlr_analytics"),
        ("1.5", "format: not a whole number above 0; restore it from a backup"),
    ],
)
def test_every_command_refuses_a_folder_of_a_newer_format(
    command: tuple[str, ...], text: str, said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "newer").mkdir()
    (here / "newer" / "format").write_text(text, encoding="ascii")
    done = run(capsys, *command, "--data", "newer")
    assert (done.code, done.out, created(here)) == (2, "", {"newer", "format"}), done.err
    assert (done.err.count("\n"), done.err.endswith(f"{said}\n")) == (1, True), done.err


def test_a_folder_of_a_newer_format_is_not_opened_or_sealed(here: Path) -> None:
    (here / "format").write_text("2", encoding="ascii")
    with pytest.raises(NewerFormat):
        dlr_analytics.open(here)
    assert seal.main(here) == 2
    (here / "format").write_text("1\n", encoding="ascii")
    assert dlr_analytics.open(here).is_empty()


def test_the_commands_with_data_are_found() -> None:
    names = {command[0] for command in with_data(cli)}
    assert names >= {"demo", "receive", "import", "sends", "sql", "query", "report", "compact"}


@pytest.mark.parametrize("url", URLS)
def test_the_variable_and_the_file_are_refused_too(
    url: str,
    here: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (here / "dlr.toml").write_text(f'data = "{url}"\n', encoding="utf-8")
    assert f"data in dlr.toml: {url!r} cannot" in run(capsys, "status").err
    monkeypatch.setenv("DLR_DATA", url)
    done = run(capsys, "status")
    assert (done.code, created(here)) == (2, set())
    assert f"DLR_DATA: {url!r} cannot be used" in done.err


@pytest.mark.parametrize("url", [*URLS, Path(BUCKET)])
def test_open_refuses_a_url(url: str | Path, here: Path) -> None:
    with pytest.raises(SettingsError, match="an address like s3://bucket/prefix"):
        dlr_analytics.open(url)
    assert created(here) == set()


def test_every_command_refuses_a_folder_whose_name_is_not_utf_8(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in with_data(cli):
        done = run(capsys, *command, "--data", "caf\udce9")
        assert (done.code, done.out, created(here)) == (2, "", set()), done.err
        assert done.err == (
            "dlr: --data: 'caf\\udce9' cannot be used; give a folder whose name is text in UTF-8\n"
        )


@pytest.mark.parametrize("name", ["s3", "s3:", "a:b", "x/s3://y", "./s3://y"])
def test_a_folder_with_a_colon_in_its_name_is_a_folder(name: str, here: Path) -> None:
    (here / name).mkdir(parents=True)
    assert dlr_analytics.open(name).is_empty()


@pytest.mark.parametrize("url", [f"{url}/x.html" for url in (*URLS, BUCKET)])
@pytest.mark.parametrize(
    "command", [("report",), ("simulate", "--messages", "1", "--seed", "1")], ids=lambda c: c[0]
)
def test_a_url_is_no_file_to_write(
    here: Path, command: tuple[str, ...], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, *command, "-o", url)
    assert (done.code, done.out, created(here)) == (2, "", set()), done.err
    assert done.err.count("\n") == 1
    assert "is a URL; name a file of this machine" in done.err


CHECKS = {"doctor", "setup", "try", "pull"}
"""Commands that find out more than what the folder is, or something else first."""


@pytest.mark.parametrize(
    "command", [one for one in with_data(cli) if one[0] not in CHECKS], ids=" ".join
)
def test_every_command_says_what_to_do_where_a_file_has_the_name_of_the_folder(
    command: tuple[str, ...], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "data").write_text("", encoding="ascii")
    done = run(capsys, *command, "--data", "data/live")
    assert (done.code, done.out, created(here)) == (2, "", {"data"}), done.err
    problem, _, remedy = done.err.partition("; ")
    assert (done.err.count("\n"), "data/live" in problem) == (1, True), done.err
    assert remedy.startswith(("give a folder", "check --data", "choose another --data", "fix that"))
