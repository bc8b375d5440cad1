"""One of the notebooks that come with the package, with its parameters filled in."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dlr_analytics.errors import UnknownName, UsageError
from dlr_analytics.notebook.shipped import notebooks_folder
from dlr_analytics.presentation.sanitize import sanitize

TAG: Final = "parameters"
"""The tag of the cell that papermill looks for too."""

_LONGEST_TITLE: Final = 200


def titles() -> dict[str, str]:
    """Return the title of each notebook, by name and in order.

    Examples
    --------
    >>> titles()["03-latency"]
    'How long does delivery take?'
    """
    files = sorted(notebooks_folder().glob("*.ipynb"))
    return {file.stem: _defaults(_cell(_read(file)))["title"] for file in files}


def full_name(name: str) -> str:
    """Return the name of a notebook that may be given by its number or its word alone.

    Raises
    ------
    UnknownName
        If there is no such notebook.

    Examples
    --------
    >>> full_name("cost"), full_name("04")
    ('04-cost', '04-cost')
    """
    names = titles()
    wanted = name.removesuffix(".ipynb")
    for known in names:
        number, _, word = known.partition("-")
        if wanted in {known, word, number, number.lstrip("0")}:
            return known
    raise UnknownName("notebook", name, names)


def fill(name: str, values: Mapping[str, str]) -> str:
    """Return the text of a notebook with some parameters set.

    Parameters
    ----------
    name : str
        As in :func:`titles`, or without its number.
    values : mapping of str to str
        By parameter; they are written as Python literals. The others keep their defaults.

    Raises
    ------
    UnknownName
        If there is no such notebook.

    Examples
    --------
    >>> "since = '7d'" in fill("cost", {"since": "7d"})
    True
    """
    notebook = _read(notebooks_folder() / f"{full_name(name)}.ipynb")
    cell = _cell(notebook)
    parameters = {**_defaults(cell), **values}
    lines = "".join(cell["source"]).splitlines()
    for place, line in enumerate(lines):
        parameter = line.partition(" = ")[0]
        if parameter in values:
            lines[place] = f"{parameter} = {values[parameter]!r}"
    cell["source"] = "\n".join(lines).splitlines(keepends=True)
    notebook["metadata"]["title"] = sanitize(parameters["title"], _LONGEST_TITLE)
    return json.dumps(notebook, indent=1) + "\n"


def must_be_new(path: Path) -> None:
    """Check that a file can be written without replacing another.

    Raises
    ------
    UsageError
        If it exists, or its folder does not.
    """
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} exists", "name another file with -o, or remove it")
    if not path.parent.is_dir():
        raise UsageError(f"no folder {path.parent}", "make it, or name another file with -o")


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _cell(notebook: Any) -> Any:
    (cell,) = (c for c in notebook["cells"] if TAG in c["metadata"].get("tags", ()))
    return cell


def _defaults(cell: Any) -> dict[str, Any]:
    """The values of a cell of assignments."""
    lines = [
        node for node in ast.parse("".join(cell["source"])).body if isinstance(node, ast.Assign)
    ]
    return {ast.unparse(node.targets[0]): ast.literal_eval(node.value) for node in lines}
