"""The same answers from a master with two workers, each in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.receivers import free_port

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.spark]


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The address of a standalone master, with two workers of one core."""
    pyspark = pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    home = Path(pyspark.__file__).parent
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    deploy = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy"]
    commands = [["master.Master", "--host", "127.0.0.1", "--port", str(port)]]
    for number in range(2):
        work = ["--work-dir", str(tmp_path / f"worker{number}")]
        commands.append(["worker.Worker", address, "-c", "1", "-m", "600m", *work])
    running = []
    for place, (kind, *options) in enumerate(commands):
        web = ["--webui-port", str(free_port())]
        with (tmp_path / f"log{place}").open("wb") as output:
            command = [deploy[0], f"{deploy[1]}.{kind}", *web, *options]
            running.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output))
    log = tmp_path / "log0"
    for _ in range(600):
        if log.read_text().count("Registering worker") == 2:
            break
        time.sleep(0.1)
    yield address
    for process in running:
        process.terminate()
        process.wait()


def test_no_cell_differs_on_a_master_with_two_workers(master: str, sample: Path) -> None:
    command = [sys.executable, "-m", "tests.support.spark_cells", master, str(sample)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    words = done.stdout.split()
    assert int(words[1]) > 2000
    assert words[2:] == ["differing", "0"]
