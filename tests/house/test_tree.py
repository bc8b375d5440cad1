"""What the repository contains, and how large its parts may be."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[str]:
    """Files that git tracks, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [file for file in listed.stdout.splitlines() if (ROOT / file).exists()]


def text_of(file: str) -> str:
    """A tracked file as text, empty where it is binary."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("file", tracked("dlr_analytics/*.py"))
def test_no_module_is_longer_than_300_lines(file: str) -> None:
    assert len(text_of(file).splitlines()) <= 300


def test_no_folder_has_more_than_16_modules() -> None:
    modules = Counter(str(Path(file).parent) for file in tracked("dlr_analytics/*.py"))
    assert {folder: n for folder, n in modules.items() if n > 16} == {}


def test_no_room_has_a_name_that_says_nothing() -> None:
    empty_words = re.compile(r"(^|/)(utils?|helpers?|common|misc|managers?|base)(\.py|/)")
    assert [file for file in tracked("*.py") if empty_words.search(file)] == []


@pytest.mark.parametrize("file", tracked("*.ipynb"))
def test_a_notebook_is_committed_without_outputs(file: str) -> None:
    cells = json.loads(text_of(file))["cells"]
    assert [c for c in cells if c.get("outputs") or c.get("execution_count")] == []


def test_no_file_is_larger_than_a_megabyte() -> None:
    assert [file for file in tracked() if (ROOT / file).stat().st_size > 2**20] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    home = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work)/")
    found = {file: match[0] for file in tracked() if (match := home.search(text_of(file)))}
    found.pop("tests/house/test_tree.py", None)
    assert found == {}


def test_british_numbers_are_those_reserved_for_fiction() -> None:
    mobile = re.compile(r"(?<!\d)447\d{9}(?!\d)")
    for file in tracked("*.py", "*.md", "*.ipynb", "*.sql", "*.json", "*.csv", "*.html"):
        for number in mobile.findall(text_of(file)):
            assert number.startswith("447700900"), f"{file}: {number}"
