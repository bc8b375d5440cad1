"""An exported notebook shows the explorer's form without script, and loads nothing."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from dlr_analytics.notebook.export import run_and_export

SAMPLE = Path(__file__).parents[3] / "data" / "sample"


@pytest.mark.slow
def test_a_page_has_the_headline_and_the_code_and_no_address_of_a_script(tmp_path: Path) -> None:
    cell = f"import dlr_analytics as dlr\ndlr.open({str(SAMPLE)!r}).explore()"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbformat.write(notebook, tmp_path / "explore.ipynb")
    run_and_export(tmp_path / "explore.ipynb", tmp_path / "explore.html")
    page = (tmp_path / "explore.html").read_text(encoding="utf-8")
    assert "messages delivered" in page
    assert '<pre>db.delivery_rate(by="day").plot()</pre>' in page
    assert "unpkg.com" not in page
