"""An undocumented command, option, setting or column fails a test that bears its name."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import click
import pytest

from dlr_analytics import flaws
from dlr_analytics.analysis.metrics import STUDIES
from dlr_analytics.cli.main import cli
from dlr_analytics.settings import Settings, variable
from dlr_analytics.webhook import receipt

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")
COLUMNS = (DOCS / "columns.md").read_text(encoding="utf-8")


def section(command: str) -> str:
    """What docs/commands.md says under a command's heading."""
    match = re.search(rf"^## `dlr {command}\b.*?(?=^## |\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    return match[0] if match else ""


def names(table: str) -> set[str]:
    """Every name in backticks."""
    return set(re.findall(r"`([a-z_0-9]+)`", table))


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_a_command_has_its_section(command: str) -> None:
    assert section(command)


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_a_command_says_what_it_does(command: str) -> None:
    assert cli.commands[command].get_short_help_str(limit=200)


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (name, option.opts[0])
        for name, command in sorted(cli.commands.items())
        for option in command.params
        if isinstance(option, click.Option)
    ],
)
def test_an_option_is_named_in_its_command_s_section(command: str, option: str) -> None:
    assert f"`{option}" in section(command)


@pytest.mark.parametrize("option", [variable(field) for field in dataclasses.fields(Settings)])
def test_a_setting_is_documented(option: str) -> None:
    assert f"`{option}`" in SETTINGS


def test_no_setting_is_documented_that_does_not_exist() -> None:
    written = set(re.findall(r"^\| `(\w+)`", SETTINGS, re.MULTILINE))
    assert written == {variable(field) for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize("column", receipt.COLUMNS)
def test_a_column_of_receipts_is_documented_with_its_type(column: str) -> None:
    assert f"| `{column}` | {receipt.COLUMNS[column]} |" in COLUMNS


@pytest.mark.parametrize("problem", [flaw.problem for flaw in flaws.FLAWS])
def test_a_problem_is_documented(problem: str) -> None:
    assert f"| `{problem}` |" in COLUMNS


def test_a_column_of_messages_is_documented(tmp_path: Path) -> None:
    import dlr_analytics

    columns = dlr_analytics.open(tmp_path).messages.columns
    chapter = COLUMNS.partition("## `messages`")[2].partition("\n## ")[0]
    assert [column for column in columns if column not in names(chapter)] == []


@pytest.mark.parametrize("study", [name for name in STUDIES if name in cli.commands])
def test_a_study_and_each_of_its_columns_is_documented(study: str) -> None:
    row = re.search(rf"^\| \[?`{study}`.*$", COLUMNS, re.MULTILINE)
    assert row, f"docs/columns.md has no row for {study}"
    assert [column for column in STUDIES[study].columns if column not in names(row[0])] == []


@pytest.mark.parametrize("study", [name for name in STUDIES if name in cli.commands])
def test_a_study_has_a_page_with_its_picture_and_its_limits(study: str) -> None:
    page = (DOCS / "studies" / f"{study}.md").read_text(encoding="utf-8")
    assert "\n## Formula\n" in page
    assert "\n## When not to trust it\n" in page
    (picture,) = re.findall(r"!\[.+?\]\((.+?)\)", page)
    assert (DOCS / "studies" / picture).stat().st_size <= 100_000


def test_a_metric_and_each_of_its_columns_is_documented(tmp_path: Path) -> None:
    import dlr_analytics
    from dlr_analytics.analysis.metrics import METRICS

    database = dlr_analytics.open(tmp_path)
    for metric in METRICS:
        row = re.search(rf"^\| `{metric}` .*$", COLUMNS, re.MULTILINE)
        assert row, f"docs/columns.md has no row for {metric}"
        columns = getattr(database, metric.replace("-", "_"))().columns
        assert [column for column in columns if column not in names(row[0])] == []


def test_each_package_and_each_module_of_the_analysis_is_on_the_page_on_architecture() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    package = DOCS.parent / "dlr_analytics"
    rooms = [*package.glob("*/__init__.py"), *(package / "analysis").glob("*/__init__.py")]
    modules = (path.stem for path in (package / "analysis").glob("[!_]*.py"))
    expected = {*(f"`{room.parent.name}/`" for room in rooms), *(f"`{name}`" for name in modules)}
    assert [name for name in sorted(expected) if name not in page] == []


PAGES = [DOCS.parent / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]


@pytest.mark.parametrize(
    "page",
    [*PAGES, *sorted(DOCS.rglob("*.md"))],
    ids=lambda page: str(page.relative_to(DOCS.parent)),
)
def test_prose_is_wrapped_at_120_characters(page: Path) -> None:
    prose = re.sub(
        r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    lines = [line for line in prose.splitlines() if not line.startswith(("|", "![", "  <source"))]
    assert [line for line in lines if len(line) > 120] == []


def test_each_page_is_linked_from_the_readme_or_from_another_page() -> None:
    texts = {page: page.read_text(encoding="utf-8") for page in [*PAGES, *DOCS.rglob("*.md")]}
    linked = {
        (page.parent / target).resolve()
        for page, text in texts.items()
        for target in re.findall(r"\]\(([^)#:]+\.md)", text)
    }
    assert [str(page) for page in DOCS.rglob("*.md") if page.resolve() not in linked] == []
