"""What others run: the workflow, the commit hooks, and a release by its tag."""

from __future__ import annotations

import re
import runpy
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHECK = runpy.run_path(str(ROOT / "deploy" / "release" / "release.py"))["check"]


def test_the_workflow_calls_targets_and_scripts_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    steps = [step.get("run", "") for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    lines = re.findall(r"\bmake ([a-z -]+)", "\n".join(steps))
    called = {target for line in lines for target in line.split()}
    tests = {"test", "test-thorough", "test-slow", "test-lowest"}
    assert tests | {"docs", "release"} == called <= targets
    assert all((ROOT / script).is_file() for script in re.findall(r"bash (\S+)", "\n".join(steps)))


def test_the_workflow_tries_each_python_that_the_package_names() -> None:
    pythons = WORKFLOW["jobs"]["linux"]["strategy"]["matrix"]["python"]
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if ":: 3." in c]
    assert pythons == named
    assert PROJECT["requires-python"] == f">={pythons[0]}"


def test_the_commit_hooks_are_programs_of_the_environment_that_make_installs() -> None:
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))[
        "repos"
    ]
    programs = [hook["entry"].split()[0] for hook in repo["hooks"]]
    assert programs == [".venv/bin/ruff", ".venv/bin/ruff", ".venv/bin/mypy"]


def test_a_release_whose_tag_and_changelog_agree_passes() -> None:
    CHECK("1.2.3", ["other", "v1.2.3"], "# Changelog\n\n## 1.2.3 (2026-12-01)\n")


@pytest.mark.parametrize(
    ("version", "tags", "heading", "problem"),
    [
        ("1.2", ["v1.2"], "1.2 (2026-12-01)", "1.2 is not a version"),
        ("1.2.3", ["v1.2.2"], "1.2.3 (2026-12-01)", "no tag v1.2.3"),
        ("1.2.3", ["v1.2.3"], "Unreleased", "begins with Unreleased"),
        ("1.2.3", ["v1.2.3"], "1.2.3", "begins with 1.2.3;"),
        ("1.2.3", ["v1.2.3"], "1x2.3 (2026-12-01)", "begins with 1x2.3"),
    ],
)
def test_a_release_that_does_not_agree_is_refused_in_one_line(
    version: str,
    tags: list[str],
    heading: str,
    problem: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        CHECK(version, tags, f"# Changelog\n\n## {heading}\n\n## 1.2.3 (2026-12-01)\n")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert problem in said
    assert said.count("\n") == 1


def test_make_names_each_target(tmp_path: Path) -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)
    assert "  make release " in done.stdout
    assert "  make test-lowest " in done.stdout
