"""``dlr notebook`` and ``dlr lab``: notebooks for one's own data."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path

import click

from dlr_analytics.cli.options import shown_data_option
from dlr_analytics.errors import UsageError


@click.command()
@click.argument("name", required=False)
@click.option(
    "-o",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Ends in .ipynb.  [default: NAME.ipynb]",
)
@shown_data_option
@click.option("--since", metavar="D", help="From this time on: a date, 2026-11, or 7d.")
@click.option("--until", metavar="D", help="Messages before this time, written like --since.")
@click.option("--tz", metavar="ZONE", help="Of days, and of times without one.  [default: UTC]")
@click.option("--where", metavar="SQL", help="One condition over the columns of messages.")
@click.option("--title", metavar="T", help="The title, in place of the notebook's question.")
@click.option("--html", is_flag=True, help="Run it, and write FILE.html with its charts too.")
def notebook(
    name: str | None,
    path: Path | None,
    data: str | None,
    since: str | None,
    until: str | None,
    tz: str | None,
    where: str | None,
    title: str | None,
    html: bool,  # noqa: FBT001
) -> None:
    """Write a notebook with its parameters filled in; without NAME, list them.

    Without a data directory it reads the simulated sample, and says so.
    """
    from dlr_analytics.notebook import export, filled

    if name is None:
        for known, question in filled.titles().items():
            click.echo(f"{known:20}{question}")
        return
    _must_be_readable(since, until, tz)
    folder = _data_folder(data)
    values = {
        "data": None if folder is None else str(folder),
        "since": since,
        "until": until,
        "tz": tz,
        "where": where,
        "title": title,
    }
    text = filled.fill(name, {key: value for key, value in values.items() if value is not None})
    path = path or Path(filled.full_name(name)).with_suffix(".ipynb")
    if path.suffix != ".ipynb":
        raise UsageError(f"{path} does not end in .ipynb", "name a notebook")
    page = path.with_suffix(".html")
    for file in (path, page) if html else (path,):
        filled.must_be_new(file)
    if html:
        export.must_have_lab("--html", "nbconvert", "nbclient", "ipykernel")
    with path.open("x", encoding="utf-8") as new:
        new.write(text)
    click.echo(path)
    if html:
        export.run_and_export(path, page)
        click.echo(page)


def _must_be_readable(since: str | None, until: str | None, tz: str | None) -> None:
    """Check times and zone, before anything is written."""
    from dlr_analytics.analysis.filters import parse

    # Each alone: before the data is read it is not known what 7d counts from.
    parse({"since": since, "tz": tz}, lambda: dt.datetime(2000, 1, 1))
    parse({"until": until, "tz": tz}, lambda: dt.datetime(2000, 1, 1))


def _data_folder(data: str | None) -> Path | None:
    """The data directory, whole, if there is one; None for the sample.

    Nothing said, it is ``data`` if that is a data directory.
    """
    from dlr_analytics.analysis.cache.places import files_at
    from dlr_analytics.settings import Settings, given_setting
    from dlr_analytics.store import layout

    given: Path | None = given_setting("data", data)
    if given is not None:
        files_at(given)
        return given.resolve()
    usual = Settings().data
    is_data = layout.receipts(usual).is_dir() or layout.journal(usual).is_dir()
    return usual.resolve() if is_data else None


@click.command()
@shown_data_option
@click.option(
    "--notebooks",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("notebooks"),
    metavar="DIR",
    help="The folder of the notebooks.  [default: notebooks]",
)
@click.argument("jupyter", nargs=-1, metavar="[-- OPTION...]")
def lab(data: str | None, folder: Path, jupyter: tuple[str, ...]) -> None:
    """Open JupyterLab on notebooks that read your data.

    The notebooks of this package that the folder does not have are copied to it; no file is
    replaced. What follows -- goes to JupyterLab.
    """
    from dlr_analytics.notebook.export import must_have_lab
    from dlr_analytics.notebook.shipped import copy_missing, notebooks_folder

    must_have_lab("dlr lab", "jupyterlab")
    read = _data_folder(data)
    for copied in copy_missing(folder):
        click.echo(f"made {copied}", err=True)
    configs = (str(notebooks_folder() / ".jupyter"), os.environ.get("JUPYTER_CONFIG_PATH"))
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, configs))}
    if read is not None:
        environment["DLR_DATA"] = str(read)
    as_root = ["--allow-root"] if os.geteuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder.resolve()}", *as_root]
    os.execve(sys.executable, [*command, *jupyter], environment)  # noqa: S606
