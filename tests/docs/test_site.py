"""The documentation site: complete, without faults, and without a request to anybody."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dlr_analytics import Database, Result
from dlr_analytics.cli.main import cli
from dlr_analytics.spark.database import SparkDatabase

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ASKED = re.compile(
    r"<(?:script|img|iframe|source)[^>]*?(?:src|srcset)=[\"']?(?:https?:)?//[^\"' >]+"
    r"|<link[^>]*?rel=[\"']?(?!canonical)[a-z ]+[\"']?[^>]*?href=[\"']?(?:https?:)?//[^\"' >]+"
    r"|@import[^;]*//[^;]+|url\([\"']?(?:https?:)?//[^)]+"
)
"""What a browser fetches from another host as soon as it shows a page."""


def _pages(nav: Any) -> Iterator[str]:
    for value in nav if isinstance(nav, list) else nav.values():
        yield from [value] if isinstance(value, str) else _pages(value)


CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
GENERATED = {
    *("index.md", "contributing.md", "changelog.md", "security.md"),
    *("http-api.md", "sample-report.md"),
}


def test_each_page_has_its_place_in_the_navigation() -> None:
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert written ^ set(_pages(CONFIG["nav"])) <= GENERATED


INTERNAL = {
    *(
        "ahead_of_clock",
        "answer",
        "ask",
        "quarantined",
        "at",
        "compute",
        "count",
        "data",
        "derive",
        "held",
        "is_empty",
    ),
    *("pinned", "registered_columns", "registered_tables", "resolve", "with_settings"),
}
"""What a database offers to metrics, studies, notebooks and the command line, not to users."""


def public(thing: type) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_the_page_on_python_has_each_public_method_of_a_database() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    named = {*re.findall(r"^::: .*\.(\w+)$", page, re.MULTILINE)}
    members, on_spark = re.findall(r"members: \[(.*?)\]", page)
    own = {name for name in vars(SparkDatabase) if not name.startswith("_")}
    assert own - set(on_spark.split(", ")) - INTERNAL == set()
    named |= set(members.split(", "))
    assert public(Database) - named - INTERNAL == set()
    assert {"Database", "Result", "open", "doctor", "simulate", "errors"} <= named
    assert public(Result)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` does, which fails on any warning."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


@pytest.mark.slow
def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in [*site.rglob("*.html"), *site.rglob("*.css")]
    }
    assert len(texts) > 30
    found = {path.name: match[0] for path, text in texts.items() if (match := ASKED.search(text))}
    assert found == {}


@pytest.mark.slow
def test_each_command_s_help_is_on_the_page_on_commands(site: Path) -> None:
    page = (site / "commands.html").read_text(encoding="utf-8")
    assert [name for name in cli.commands if f"Usage: dlr {name}" not in page] == []


@pytest.mark.slow
def test_notebooks_are_shown_with_their_charts(site: Path) -> None:
    for notebook in (ROOT / "notebooks").glob("0*.ipynb"):  # without that on Spark
        page = (site / "notebooks" / f"{notebook.stem}.html").read_text(encoding="utf-8")
        assert page.count("dlr-chart") >= 2


@pytest.mark.slow
def test_a_report_and_the_files_to_deploy_are_part_of_the_site(site: Path) -> None:
    assert "were delivered" in (site / "sample-report-page.html").read_text(encoding="utf-8")
    for file in ("deploy/nginx/dlr.conf", "deploy/systemd/dlr.service"):
        assert (site / "files" / file).read_bytes() == (ROOT / file).read_bytes()


@pytest.mark.slow
def test_each_method_s_parameters_are_on_the_page_on_python(site: Path) -> None:
    page = (site / "api.html").read_text(encoding="utf-8")
    for anchor in ("dlr_analytics.open", "dlr_analytics.analysis.metrics.latency"):
        assert f'id="{anchor}"' in page
    assert "Parameters:" in page
