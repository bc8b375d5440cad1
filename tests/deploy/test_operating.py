"""The unit, the image, the alert rules and the dashboard under deploy/, against the code."""

from __future__ import annotations

import dataclasses
import json
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dlr_analytics.settings import Settings, load_settings, unknown_variables, variable
from tests.deploy.fronts import DEPLOY, changed, done
from tests.support.receivers import PATH, Running, ask_admin, free_port

ROOT = DEPLOY.parent
UNIT, IMAGE, COMPOSE = "systemd/dlr.service", "docker/Dockerfile", "docker/compose.yaml"
LOCK = runpy.run_path(str(DEPLOY / "docker" / "lock.py"))
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))


def text(file: str) -> str:
    return (DEPLOY / file).read_text(encoding="utf-8")


def expressions() -> Iterator[str]:
    """Of every panel of the dashboard, as Grafana would ask."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


@pytest.mark.deploy
def test_the_unit_is_right_and_well_confined(tmp_path: Path) -> None:
    dlr = str(Path(sys.executable).with_name("dlr"))
    unit = tmp_path / "dlr.service"
    unit.write_text(changed(UNIT, {"/opt/dlr/bin/dlr": dlr}), encoding="utf-8")
    assert done("systemd-analyze", "verify", str(unit)) == ""
    done("systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit))


@pytest.mark.parametrize("file", [UNIT, IMAGE, COMPOSE, "../docs/production.md"])
def test_every_variable_that_is_set_names_a_setting(file: str) -> None:
    names = set(re.findall(r"\bDLR_\w+", text(file)))
    assert names
    assert unknown_variables(dict.fromkeys(names, "")) == []


def test_the_unit_s_settings_can_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "signature-secret"
    secret.write_text("secret\n")
    pairs = re.findall(r"^Environment=(\w+)=(.*)$", text(UNIT), re.MULTILINE)
    given = {name: value.replace("%d", str(tmp_path)) for name, value in pairs}
    settings = load_settings({}, given, tmp_path)
    assert settings.signature_secret == ("secret",)
    assert settings.log == "json"


def test_the_image_copies_what_there_is_and_lets_nothing_else_in() -> None:
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", text(IMAGE), re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    ignored = text("docker/Dockerfile.dockerignore").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == set(sources)
    assert ignored[0] == "*"


def locked(file: str) -> dict[str, str]:
    """Versions by name, of a list in which each requirement has a hash."""
    lines = text(f"docker/{file}").replace(" \\\n", " ").splitlines()
    pins = [line.split() for line in lines if not line.startswith("#")]
    for name, *hashes in pins:
        assert hashes, f"{name} has no hash"
        assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", one) for one in hashes)
    parts = [pin[0].partition("==") for pin in pins]
    return {name: version for name, _, version in parts}


@pytest.mark.parametrize(
    ("file", "needed_by"),
    [
        ("requirements.txt", LOCK["of_image"]),
        ("requirements-build.txt", lambda project: project["build-system"]["requires"]),
    ],
)
def test_the_image_installs_fixed_files_that_suit_the_package(
    file: str, needed_by: Callable[[dict[str, Any]], list[str]]
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    versions = {canonicalize_name(name): version for name, version in locked(file).items()}
    for wanted in map(Requirement, needed_by(project)):
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)])
    assert f"--require-hashes --only-binary=:all: -r /src/{file}" in text(IMAGE)
    installs = re.findall(r"pip (?:install|wheel) (.*)", text(IMAGE))
    assert all("--require-hashes" in one or "--no-index --no-deps" in one for one in installs)


WITHOUT = """
import sys
sys.modules.update(dict.fromkeys({absent}))
from dlr_analytics.cli.main import cli
for command in {commands}:
    cli.main([*command, "--data", "data/sample"], standalone_mode=False)
"""


@pytest.mark.thorough
def test_every_command_works_without_what_the_image_lacks(tmp_path: Path) -> None:
    questions = (("query", "delivery-rate"), ("compare",), ("forecast",), ("message", "A1"))
    reports = (("report", "-o", f"{tmp_path}/a.{ending}") for ending in ("html", "xlsx", "md"))
    commands = [*questions, *reports, ("status",), ("verify",)]
    absent = [*LOCK["NOT_FOR_IT"], "numpy"]
    assert not set(absent) & locked("requirements.txt").keys()
    program = WITHOUT.format(absent=absent, commands=commands)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) == 3


def test_a_list_of_requirements_has_the_hashes_of_each_platform() -> None:
    lock = LOCK
    platforms = [{"duckdb": ("2.0", {"b"})}, {"duckdb": ("2.0", {"a"}), "jinja2": ("3.1", {"c"})}]
    assert lock["text_of"](lock["merged"](platforms)).splitlines()[1:] == [
        "duckdb==2.0 \\",
        "    --hash=sha256:a \\",
        "    --hash=sha256:b",
        "jinja2==3.1 \\",
        "    --hash=sha256:c",
    ]
    with pytest.raises(SystemExit, match="for another"):
        lock["merged"]([*platforms, {"duckdb": ("2.1", {"d"})}])


def test_compose_names_files_that_there_are_and_shows_the_status_page_to_nobody() -> None:
    compose = yaml.safe_load(text(COMPOSE))
    receiver, caddy = compose["services"]["receiver"], compose["services"]["caddy"]
    folder = DEPLOY / "docker"
    assert (folder / receiver["build"]["context"] / receiver["build"]["dockerfile"]).exists()
    assert (folder / caddy["volumes"][0].split(":")[0]).exists()
    admin = next(f for f in dataclasses.fields(Settings) if variable(f) == "DLR_ADMIN_PORT")
    published = [port for port in receiver["ports"] if str(admin.default) in port]
    assert published == [f"127.0.0.1:{admin.default}:{admin.default}"]
    assert receiver["ports"] == published


def test_compose_keeps_caddy_when_the_receiver_restarts() -> None:
    compose = yaml.safe_load(text(COMPOSE))
    caddy = compose["services"]["caddy"]
    assert not any("network_mode" in service for service in compose["services"].values())
    assert {port.split(":")[-1] for port in caddy["ports"]} == {"80", "443"}
    ((variable_name, upstream),) = caddy["environment"].items()
    assert upstream == "receiver:8080"
    assert f"{{${variable_name}:127.0.0.1:8080}}" in text("caddy/Caddyfile")


def test_git_does_not_see_the_secret() -> None:
    secret = yaml.safe_load(text(COMPOSE))["secrets"]["signature-secret"]["file"]
    path = (DEPLOY / "docker" / secret).resolve().relative_to(ROOT.resolve())
    done = subprocess.run(["git", "check-ignore", str(path)], cwd=ROOT, capture_output=True)
    assert done.returncode == 0


@pytest.mark.thorough
@pytest.mark.deploy
def test_each_alert_rule_does_what_it_says() -> None:
    done("promtool", "check", "config", str(ALERTS.with_name("prometheus.yml")))
    done("promtool", "test", "rules", "alerts.test.yml", cwd=ALERTS.parent)


@pytest.mark.parametrize("alert", [rule["alert"] for rule in rules()])
def test_an_alert_is_tried_and_documented(alert: str) -> None:
    assert f'alertname="{alert}"' in text("prometheus/alerts.test.yml")
    documented = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    assert f"| `{alert}` |" in documented


@pytest.mark.deploy
def test_prometheus_can_read_each_panel_of_the_dashboard(tmp_path: Path) -> None:
    recorded = [
        {"record": f"panel:{number}", "expr": expression}
        for number, expression in enumerate(expressions())
    ]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    done("promtool", "check", "rules", str(file))


def test_every_metric_in_the_alerts_and_panels_exists(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    port, shipping = free_port(), free_port()
    start(f"--admin-port={shipping}", ship_to="s3://sms/live")
    receiver = start(f"--admin-port={port}", "--compact-at=03:00")
    receiver.ask("GET", f"{PATH}?messageId=1")
    receiver.ask("PUT", PATH)
    metrics = ask_admin(port, "/metrics")[1] + ask_admin(shipping, "/metrics")[1]
    samples = dict.fromkeys(re.findall(r"^(dlr_\w+)(?:\{(.*)\})? ", metrics, re.MULTILINE))
    names = {name for name, _ in samples}
    labels = set(re.findall(r"(\w+)=\"", metrics)) | {"instance", "job"}
    asked = "\n".join([*expressions(), *(rule["expr"] for rule in rules())])
    assert set(re.findall(r"\bdlr_\w+", asked)) - names == set()
    grouped = {
        name.strip() for by in re.findall(r"(?:by|on) \((.*?)\)", asked) for name in by.split(",")
    }
    assert grouped - labels == set()


def test_panels_do_not_overlap_and_each_says_what_it_shows() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells
        assert max(x for x, _ in cells) < 24
        assert panel["description"].endswith(".")
        taken |= cells
