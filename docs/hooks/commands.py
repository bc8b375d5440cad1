"""Each command's own help under its heading in commands.md, as the installed release prints it."""

from __future__ import annotations

import re
import textwrap
from typing import Final

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from dlr_analytics.cli.main import cli

_HEADING: Final = re.compile(r"^## `dlr ([a-z-]+)`\n", re.MULTILINE)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Add the help of each command, folded."""
    if page.file.src_uri != "commands.md":
        return markdown
    return _HEADING.sub(lambda found: found[0] + _help(found[1]), markdown)


def _help(name: str) -> str:
    command = cli.commands[name]
    group = click.Context(cli, info_name="dlr", **cli.context_settings)
    with click.Context(command, info_name=name, parent=group, max_content_width=100) as context:
        context.meta["dlr_analytics.cli.query"] = []
        text = command.get_help(context)
    shown = textwrap.indent(f"```text\n{text}\n```", "    ")
    return f'\n??? note "dlr {name} --help"\n{shown}\n'
