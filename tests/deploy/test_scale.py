"""docs/scale.md: the view for other engines, and what is deployed on several hosts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml

import dlr_analytics as dlr
from dlr_analytics.settings import unknown_variables
from tests.deploy.fronts import DEPLOY, changed, done, program
from tests.support.cache import refresh_cache
from tests.support.receivers import PATH
from tests.support.sample import SHIPPED

PAGE = (DEPLOY.parent / "docs" / "scale.md").read_text(encoding="utf-8")
VIEW, *TABLES = re.findall(
    r"^```sql\n(.*?)^```", PAGE.split("## Other engines")[1], re.MULTILINE | re.DOTALL
)
DIALECTS = ("databricks", "snowflake", "clickhouse", "athena", "bigquery")
MANIFESTS = [DEPLOY / "kubernetes" / name for name in ("receivers.yaml", "keeper.yaml")]


@pytest.mark.thorough
def test_the_view_gives_each_message_the_outcome_that_we_give_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(SHIPPED, data, ignore=shutil.ignore_patterns("messages"))
    refresh_cache(data)
    with duckdb.connect() as connection:
        connection.execute(
            f"create view message_files as from read_parquet('{data}/messages/*/*.parquet')"
        )
        connection.execute(VIEW)
        theirs = connection.sql("select message_id, outcome from messages").fetchall()
    ours = dlr.open(data).sql("select message_id, outcome from messages").rows()
    assert sorted(theirs) == sorted(ours)
    assert {outcome for _, outcome in ours} >= {"pending", "silent", "unknown", "delivered"}


def test_each_engine_has_a_table_that_is_sql_of_its_dialect() -> None:
    named = [table.partition("\n")[0].removeprefix("-- ").split(":")[0] for table in TABLES]
    assert [name.lower() for name in named] == list(DIALECTS)
    for dialect, table in zip(DIALECTS, TABLES, strict=True):
        # sqlglot does not know Snowflake's `using template`, only what it takes.
        text, templates = re.subn(r"(?s)\nusing template \(\n(.+?)\n\)\n", r"\n", table)
        assert templates == (dialect == "snowflake")
        assert sqlglot.parse(text, dialect=dialect)
        assert sqlglot.parse(VIEW, dialect=dialect)


def settings_of(text: str) -> set[str]:
    return set(re.findall(r"\bDLR_\w+", text))


@pytest.mark.parametrize(
    "file", ["docker/scale.yaml", "kubernetes/receivers.yaml", "systemd/dlr-keeper.service"]
)
def test_every_variable_that_is_set_names_a_setting(file: str) -> None:
    names = settings_of((DEPLOY / file).read_text(encoding="utf-8"))
    assert names
    assert unknown_variables(dict.fromkeys(names, "")) == []


@pytest.mark.deploy
def test_the_keeper_s_unit_and_timer_are_right(tmp_path: Path) -> None:
    here = {"/opt/dlr/bin/dlr": program("true")}
    for name in ("dlr-keeper.service", "dlr-keeper.timer"):
        text = changed(f"systemd/{name}", here if name.endswith("service") else {})
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert done("systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))) == ""
    service = str(tmp_path / "dlr-keeper.service")
    done("systemd-analyze", "security", "--offline=true", "--threshold=20", service)


def parts(kind: str) -> list[dict[str, Any]]:
    """The Kubernetes objects of a kind."""
    every = [part for file in MANIFESTS for part in yaml.safe_load_all(file.read_text("utf-8"))]
    return [part for part in every if part["kind"] == kind]


def test_the_probes_and_the_image_s_user_are_those_of_the_receiver() -> None:
    (pods,) = parts("StatefulSet")
    spec = pods["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    probes = {container[name]["httpGet"]["path"] for name in ("livenessProbe", "readinessProbe")}
    assert probes == {"/healthz", "/readyz"}
    assert spec["terminationGracePeriodSeconds"] > 20
    image = (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert f"USER {spec['securityContext']['runAsUser']}:" in image
    assert {port["containerPort"] for port in container["ports"]} == {8080, 8081}
    assert PATH in (DEPLOY / "kubernetes" / "receivers.yaml").read_text(encoding="utf-8")


def test_no_two_keepers_run_at_a_time() -> None:
    (job,) = parts("CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    compose = yaml.safe_load((DEPLOY / "docker" / "scale.yaml").read_text(encoding="utf-8"))
    assert [name for name in compose["services"] if "keeper" in name] == ["keeper"]


def test_the_selector_of_each_service_finds_the_receivers() -> None:
    (pods,) = parts("StatefulSet")
    labels = pods["spec"]["template"]["metadata"]["labels"]
    for service in parts("Service"):
        assert service["spec"]["selector"].items() <= labels.items()
