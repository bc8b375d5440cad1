"""A world of receiver, TLS and Vonage for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.world import Authority, World


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority, made once: its keys take a while."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def world(tmp_path: Path, authority: Authority) -> Iterator[World]:
    """A Vonage, a TLS front and no receiver yet."""
    world = World(tmp_path, authority)
    yield world
    world.stop()
