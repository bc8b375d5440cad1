"""Fixtures of several rooms."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.buckets import Bucket, S3Server
from tests.support.receivers import Running

# How busy the machine is says nothing about the code. In CI the examples are the same each time, so
# that a change is judged by itself; elsewhere they are new ones.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("any machine")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts receivers, by default on ``tmp_path/data``; none outlives its test."""
    running: list[Running] = []

    def start(*options: str, data: Path = tmp_path / "data", **settings: str) -> Running:
        running.append(Running(data, *options, **settings))
        return running[-1]

    yield start
    for receiver in running:
        receiver.process.kill()
        receiver.process.communicate()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """moto's S3 server on the loopback."""
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket of its own; this process and its children have the AWS_ variables."""
    bucket = Bucket(f"sms-{secrets.token_hex(6)}", s3_server.endpoint)
    s3_server.make_bucket(bucket.name)
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return bucket


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the ``figures`` that tests recorded: what a fault or a truth test counted."""
    figures = [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == "figures"
    ]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(figures))
