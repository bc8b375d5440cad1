"""Temporary data: private whatever the umask is, and removed once its process is gone."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dlr_analytics
from dlr_analytics.cli.main import main
from dlr_analytics.store import layout, spill
from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts import merge, seal
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.receipts.staging import staging_folder
from dlr_analytics.store.spill import PREFIX, private_folder, spill_folder
from dlr_analytics.store.status import status
from tests.support.journals import NOON
from tests.support.privileges import WITHOUT_PRIVILEGES, can_drop_privileges

Fill = Callable[..., None]

OTHER = 65534
"""A user that owns what the reader is not to own."""

QUESTION = """
    import os, sys
    from pathlib import Path
    from dlr_analytics.analysis.cache import snapshot
    from dlr_analytics.settings import Settings

    os.umask(0)
    taken = snapshot.take(Settings(data=Path(sys.argv[1]), memory=2**27))
    words = "md5(cast(i as varchar)) || md5(cast(-i as varchar)) || md5(cast(i / 3 as varchar))"
    query = f"select {words} as word from range(2000000) as numbers(i)"
    taken.connection.execute(f"create temp table words as {query}")
    print("asked", flush=True)
    sys.stdin.read()
"""
"""A question that needs more than its 128 MiB; the process ends with its standard input."""


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The system's folder for temporary files, of the processes that are started."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@pytest.fixture
def ask(temporary: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes that have spilled when this returns, in a working directory of their own."""
    (working := temporary.with_name("working")).mkdir()
    with contextlib.ExitStack() as processes:

        def start(data: Path, *prefix: str) -> subprocess.Popen[str]:
            command = [*prefix, sys.executable, "-c", textwrap.dedent(QUESTION), str(data)]
            environment = os.environ | {
                "TMPDIR": str(temporary),
                "PYTHONPATH": str(Path(dlr_analytics.__file__).parents[1]),
            }
            process = processes.enter_context(
                subprocess.Popen(
                    command,
                    cwd=working,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            processes.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "asked\n"
            return process

        yield start
    assert list(working.iterdir()) == []


def spilled(parent: Path) -> dict[Path, int]:
    """Folders of processes, with the bytes in each."""
    folders = sorted(parent.glob(f"{PREFIX}*"))
    files = {folder: [path for path in folder.rglob("*") if path.is_file()] for folder in folders}
    return {folder: sum(path.stat().st_size for path in files[folder]) for folder in folders}


def modes(folder: Path) -> set[int]:
    """Permissions of a folder and all folders in it."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    return {stat.S_IMODE(path.stat().st_mode) for path in folders}


def end(process: subprocess.Popen[str]) -> None:
    """End a process that asks, as if its work were done."""
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait() == 0


@pytest.mark.thorough
def test_a_question_spills_into_one_folder_that_only_its_user_can_enter(
    data: Path, fill: Fill, temporary: Path, ask: Callable[..., subprocess.Popen[str]]
) -> None:
    fill("0A")
    process = ask(data)
    ((folder, size),) = spilled(layout.staging(data)).items()
    assert size > 2**20
    assert modes(folder) == {0o700}
    end(process)
    assert list(layout.staging(data).iterdir()) == []
    assert list(temporary.iterdir()) == []


def compact_all(data: Path) -> None:
    """The command `dlr compact`, which finds nothing to merge."""
    with pytest.raises(SystemExit) as ended:
        main(["compact", "--data", str(data)])
    assert ended.value.code == 0


@pytest.mark.thorough
@pytest.mark.parametrize(
    "then",
    [
        status,
        lambda data: dlr_analytics.open(data).delivery_rate(),
        compact_all,
        seal.seal_all,
    ],
    ids=["status", "query", "compact", "seal"],
)
def test_what_a_killed_question_spilled_is_removed_by_whoever_comes_next(
    data: Path,
    fill: Fill,
    ask: Callable[..., subprocess.Popen[str]],
    then: Callable[[Path], object],
) -> None:
    fill("0A")
    living, dying = ask(data), ask(data)
    before = spilled(layout.staging(data))
    assert len(before) == 2
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    then(data)
    of_this_process = spill_folder(data).parent
    (left,) = [path for path in spilled(layout.staging(data)) if path != of_this_process]
    assert spilled(layout.staging(data))[left] == before[left] > 2**20
    end(living)
    assert list(layout.staging(data).iterdir()) == [of_this_process]


@pytest.mark.thorough
@pytest.mark.skipif(not can_drop_privileges(), reason="needs root and setpriv")
def test_a_reader_of_a_folder_that_it_cannot_write_spills_into_a_folder_of_its_own(
    data: Path, fill: Fill, temporary: Path, ask: Callable[..., subprocess.Popen[str]]
) -> None:
    fill("0A")
    seal.seal_all(data)
    shutil.rmtree(spill_folder(data).parent)
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.chown(path, OTHER, OTHER)
    process = ask(data, *WITHOUT_PRIVILEGES)
    ((folder, size),) = spilled(temporary).items()
    assert size > 2**20
    assert modes(folder) == {0o700}
    assert list(layout.staging(data).iterdir()) == []
    process.kill()
    process.wait()
    end(ask(data, *WITHOUT_PRIVILEGES))
    assert list(temporary.iterdir()) == []


def test_a_reader_does_not_create_the_folder_of_what_is_written(data: Path, fill: Fill) -> None:
    fill("0A")
    layout.staging(data).rmdir()
    status(data)
    assert not layout.staging(data).exists()


def test_imports_merges_and_seals_spill_into_such_folders_too(
    data: Path, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def recorded(folder: Path | None = None, **config: str) -> object:
        if folder is not None:
            seen.append(folder)
            assert folder.parent.name.startswith(PREFIX)
            assert modes(folder) == {0o700}
        return connect(folder, **config)

    for module in (merge, seal):
        monkeypatch.setattr(module, "connect", recorded)
    for number in range(2):
        fill(f"0{number}")
        assert seal.seal_all(data) == []
    assert compact_day(data, NOON.date()) == 2
    with staging_folder(data) as folder:
        assert folder.name.startswith(PREFIX)
        assert modes(folder) == {0o700}
        status(data)
        assert folder.is_dir()
    assert len(set(seen)) == 3
    assert [folder for folder in seen if folder.exists()] == []


def test_the_folder_of_a_fork_is_its_own(data: Path) -> None:
    mine = spill_folder(data).parent
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            other = spill_folder(data).parent
            os._exit(0 if other != mine and mine.is_dir() else 1)
        os._exit(2)
    _, ended = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(ended) == 0
    assert mine.is_dir()


def test_a_folder_that_is_swept_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = tempfile.mkdtemp
    made: list[str] = []

    def swept_once(**where: Any) -> str:
        made.append(original(**where))
        if len(made) == 1:
            spill.sweep(tmp_path)
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", swept_once)
    with private_folder(tmp_path) as folder:
        assert [Path(path).exists() for path in made] == [False, True]
        spill.sweep(tmp_path)
        assert folder.is_dir()


def test_where_the_disk_of_the_data_is_full_the_folder_is_elsewhere(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, contents: bytes) -> int:
        if layout.staging(data) in path.parents:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, contents)

    monkeypatch.setattr(Path, "write_bytes", full)
    with spill.scratch_folder(data) as folder:
        assert layout.staging(data) not in folder.parents
        assert modes(folder.parent) == {0o700}
    assert list(layout.staging(data).iterdir()) == []


def test_a_folder_removed_under_its_process_is_made_again(data: Path) -> None:
    shutil.rmtree(spill_folder(data).parent)
    assert spill_folder(data).is_dir()


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (target := tmp_path / "precious").mkdir()
    (target / "file").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(target)
    spill.sweep(tmp_path)
    assert (target / "file").exists()
