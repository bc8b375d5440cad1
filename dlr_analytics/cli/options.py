"""Options shared by several commands."""

from __future__ import annotations

import click

data_option = click.option(
    "--data", metavar="DIR", help="The data directory.  [DLR_DATA; default: data]"
)

memory_option = click.option(
    "--memory", metavar="SIZE", help="Memory it may take, like 2GiB.  [DLR_MEMORY]"
)
