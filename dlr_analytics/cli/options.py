"""Options that several commands share, said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

data_option = click.option(
    "--data", metavar="DIR", help="The data directory.  [DLR_DATA; default: data]"
)

memory_option = click.option(
    "--memory", metavar="SIZE", help="Memory it may take, like 2GiB.  [DLR_MEMORY]"
)
