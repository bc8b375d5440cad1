"""Run a notebook and export it as one HTML file that needs no network."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.errors import MissingTool, UsageError

if TYPE_CHECKING:
    from nbclient.exceptions import CellExecutionError

_NOWHERE: Final = "data:,"
"""In place of the addresses that nbconvert puts into a page: our charts need none of them."""


def must_have_lab(purpose: str, *packages: str) -> None:
    """Check that the packages of the extra ``lab`` are installed.

    Raises
    ------
    MissingTool
        If one is not.
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise MissingTool(
                f"{package} is not installed, which {purpose} needs",
                'pip install "dlr_analytics[lab]"',
            )


def run_and_export(notebook: Path, html: Path) -> None:
    """Run a notebook in its folder, save it with its outputs, and export it.

    Parameters
    ----------
    notebook : Path
        The file; if a cell fails it stays as it is.
    html : Path
        The page to write. The cells that only set up the notebook are left out.

    Raises
    ------
    UsageError
        If a cell fails, with the cell's error; if there is no kernel, or it ends.
    OSError
        If a file cannot be written.
    """
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    read = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        read,
        timeout=None,
        # A page with the state of a widget loads its script from a server of strangers. Without,
        # it has the widget's form that needs no script.
        store_widget_state=False,
        resources={"metadata": {"path": str(notebook.parent)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise UsageError(f"{notebook} stopped: {_reason(error)}", _REMEDY) from None
    except (RuntimeError, NoSuchKernel) as error:  # DeadKernelError is a RuntimeError
        raise UsageError(f"{notebook} stopped: {_one_line(error)}", _NO_KERNEL) from None
    nbformat.write(read, notebook)  # type: ignore[no-untyped-call]
    html.write_text(_page(read), encoding="utf-8")


_REMEDY: Final = "the notebook stays, without outputs: fix it, or remove it and make it again"


_NO_KERNEL: Final = (
    "open it in JupyterLab to see why; where memory ran out, ask for less with --since or --where"
)


def _reason(error: CellExecutionError) -> str:
    return _one_line(error.evalue) or str(error.ename)


def _one_line(said: object) -> str:
    return " ".join(str(said).split())


def _page(notebook: Any) -> str:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = {"parameters"}
    config.TagRemovePreprocessor.remove_input_tags = {"setup"}
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=config,
        require_js_url=_NOWHERE,
        mathjax_url=_NOWHERE,
        mermaid_js_url=_NOWHERE,
        jquery_url=_NOWHERE,
    )
    body, _ = exporter.from_notebook_node(notebook)
    return str(body)
