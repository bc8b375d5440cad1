"""The notebooks, run on the sample, and a report of it: as pages that need no network.

They are made when the site is built, by the commands that users have, so that they show what this
release shows. That takes a minute; ``DOCS_QUICK=1 mkdocs serve`` leaves them out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT: Final = Path(__file__).parents[2]
SAMPLE: Final = ROOT / "data" / "sample"
SINCE: Final = "2026-11-01"

SPARK = "10-spark"
"""The notebook that needs Java: without a page, since a site is built everywhere."""

_NOTEBOOK: Final = re.compile(rb'(?<=href=")(\d\d-[\w-]+)\.ipynb(?=")')
"""A link of one notebook to another."""

_REPORT: Final = f"""# A sample report

Made by `dlr report --data data/sample --since {SINCE}`, of simulated messages. [On a page of its
own](sample-report-page.html) · [How to read it](report.md)

<iframe class="page" src="sample-report-page.html" title="A report of the sample"></iframe>
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page on the report, the report itself, and each notebook with its outputs."""
    files.append(File.generated(config, "sample-report.md", content=_REPORT))
    if not os.environ.get("DOCS_QUICK"):
        with tempfile.TemporaryDirectory() as folder:
            for name, page in _pages(Path(folder)):
                content = _NOTEBOOK.sub(rb"\1.html", page.read_bytes())
                files.append(File.generated(config, name, content=content))
    return files


def _pages(folder: Path) -> Iterator[tuple[str, Path]]:
    """Where the site has a page, and the page."""
    report = folder / "report.html"
    _dlr("report", "--since", SINCE, "-o", str(report))
    yield "sample-report-page.html", report
    for notebook in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        if notebook.stem == SPARK:
            continue
        made = folder / notebook.name
        _dlr("notebook", notebook.stem, "--html", "-o", str(made))
        yield f"notebooks/{notebook.stem}.html", made.with_suffix(".html")


def _dlr(*command: str) -> None:
    done = subprocess.run(  # noqa: S603 - this package
        [sys.executable, "-m", "dlr_analytics", *command, "--data", str(SAMPLE)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"dlr {' '.join(command)}: {done.stderr}")
