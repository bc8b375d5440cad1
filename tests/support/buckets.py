"""moto's S3 server on the loopback, in a process and an environment of its own (`make`)."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from obstore.store import ObjectStore

from tests.support.receivers import free_port

SERVER: Final = Path(__file__).parents[2] / ".venv-moto" / "bin" / "moto_server"


class S3Server:
    """A server with no buckets. Everything is gone when it stops."""

    def __init__(self) -> None:
        if not SERVER.exists():
            assert not os.environ.get("CI"), f"no {SERVER}: run `make .venv-moto/installed`"
            pytest.skip("no .venv-moto, which `make test` installs")
        self.port = free_port()
        self.process = subprocess.Popen(
            [SERVER, "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.endpoint}/moto-api/", timeout=5).close()
            except OSError:
                assert self.process.poll() is None, "moto_server ended"
                time.sleep(0.1)
            else:
                return
        raise AssertionError("moto_server does not answer")

    def make_bucket(self, name: str) -> None:
        """Make a bucket."""
        asked = urllib.request.Request(f"{self.endpoint}/{name}", data=b"", method="PUT")
        urllib.request.urlopen(asked, timeout=20).close()

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()


def upload(data: Path, store: ObjectStore) -> None:
    """Put the files of a data directory that belong into a bucket, under their names."""
    for folder in ("receipts", "sends", "quarantine", "messages"):
        for path in sorted((data / folder).rglob("*")):
            if path.is_file():
                store.put(path.relative_to(data).as_posix(), path.read_bytes())


@dataclass(frozen=True)
class Bucket:
    """An empty bucket, and the AWS_ variables that lead to it."""

    name: str
    endpoint: str

    @property
    def url(self) -> str:
        """Address of a prefix in it."""
        return f"s3://{self.name}/live"

    @property
    def environment(self) -> dict[str, str]:
        """The variables for a process that uses it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            # Without credentials the role of the machine is asked for: here nothing answers.
            "AWS_METADATA_ENDPOINT": "http://127.0.0.1:1",
        }
