"""Runs ``dlr`` and kills it at the nth change that it makes below a folder.

``python -m tests.erasure.killing FOLDER LIMIT dlr-arguments…`` reads numbers from stdin and runs
the command once for each, in a fork of its own, so that the imports are paid for once. After each
it prints the number of changes made, and waits for the next line. Changes are what Python's audit
events name: files opened for writing, renamed, linked, removed; folders likewise.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHANGES = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "ctypes.dlsym", "os.utime"}


@contextmanager
def killer(folder: Path, *arguments: str | Path) -> Iterator[Killer]:
    """Start the process, which serves until the end of the block."""
    command = [sys.executable, "-m", "tests.erasure.killing", str(folder), *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Killer(process)
        finally:
            process.kill()


class Killer:
    """Runs the command again and again."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, limit: int) -> int:
        """Run the command, killed before change ``limit``; the changes that it made."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(limit, file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


def main(folder: str, arguments: list[str]) -> None:
    import dlr_analytics.cli.main as cli

    for text in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.addaudithook(counter(folder, int(text), writing))
            cli.main(arguments)
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as pipe:
            print(len(pipe.read()), flush=True)


def counter(folder: str, limit: int, pipe: int) -> Any:
    """An audit hook that writes a byte for each change, and kills the process at the limit."""
    made = 0

    def hook(event: str, values: tuple[Any, ...]) -> None:
        nonlocal made
        if event == "open":
            path, _, flags = values
            counts = bool(flags & (os.O_WRONLY | os.O_RDWR)) and folder in str(path)
        else:
            counts = event in CHANGES and (event == "ctypes.dlsym" or folder in str(values))
        if counts:
            made += 1
            if made == limit:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(pipe, b".")

    return hook


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
