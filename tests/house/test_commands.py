"""A command that a text names exists, with the options named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dlr_analytics.cli.main import cli

ROOT = Path(__file__).parents[2]
PLACES = (
    "dlr_analytics",
    "docs",
    "deploy",
    "notebooks",
    "README.md",
    "CONTRIBUTING.md",
    "Makefile",
)
TEXTS = {"", ".conf", ".html", ".ipynb", ".js", ".json", ".md", ".py", ".service", ".sql", ".yaml"}

WORDS = {
    "receiver": "the name of the page",
    "the": "a service named dlr",
}
"""Words after ``dlr`` that are no commands."""

NAMED = re.compile(r"(?<![\w%./-])dlr ([a-z][a-z-]*)\b([^`'\"<|\n]*)")


def named() -> Iterator[tuple[str, str, str]]:
    """File, command and the rest of the line, wherever a command is named."""
    for place in PLACES:
        path = ROOT / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix in TEXTS:
                for command, rest in NAMED.findall(file.read_text(encoding="utf-8")):
                    if command not in WORDS:
                        yield str(file.relative_to(ROOT)), command, rest


def known(command: str) -> set[str]:
    """Options of a command, and of those below it."""
    found = cli.commands[command]
    context = click.Context(found)
    below = [found]
    if isinstance(found, click.Group):
        names = found.list_commands(context)
        below += [each for name in names if (each := found.get_command(context, name))]
    return {option for each in below for p in each.get_params(context) for option in p.opts}


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_the_help_of_a_command_names_only_options_that_it_has(command: str) -> None:
    found = cli.commands[command]
    texts = [found.help or "", *(o.help or "" for o in found.params if isinstance(o, click.Option))]
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(texts)))
    assert named - known(command) == set()


@pytest.mark.parametrize(("file", "command", "rest"), sorted(set(named())))
def test_a_command_that_is_named_exists_with_its_options(
    file: str, command: str, rest: str
) -> None:
    assert command in cli.commands, f"{file} names dlr {command}"
    given = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest))
    assert given - known(command) == set(), f"{file} gives dlr {command} an option it lacks"
