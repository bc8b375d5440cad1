"""Child processes of the receiver; only their findings are logged."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from typing import Final

log = logging.getLogger(__name__)

FINDING_PREFIX: Final = "dlr: "
"""Start of a line of the child's stderr that is meant for people."""

KILL_TIMEOUT: Final = 0.5
"""Seconds to wait for a killed child; one that hangs on the disk is left behind."""


async def run_child(name: str, *command: str) -> bool:
    """Run a child process that may be killed at any moment; cancellation kills it.

    Parameters
    ----------
    name : str
        Name of the work, for the log.
    command : str
        Writes a line to stderr for each finding, after :data:`FINDING_PREFIX`, and exits 0 if there
        is none.

    Returns
    -------
    bool
        Whether it succeeded; a failure has been logged.
    """
    try:
        # In a process group of its own: ^C in a terminal must not reach the child.
        child = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, process_group=0
        )
    except OSError as error:
        log.error("cannot start %s: %s", name, error.strerror)  # noqa: TRY400
        return False
    try:
        _, stderr = await child.communicate()
    except asyncio.CancelledError:
        await _kill(child)
        raise
    _log_findings(name, stderr.decode(errors="replace"), child.returncode, command)
    return child.returncode == 0


async def _kill(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        child.kill()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), KILL_TIMEOUT)


def _log_findings(name: str, stderr: str, code: int | None, command: tuple[str, ...]) -> None:
    """Log each finding of the child; other output may quote anything and is dropped."""
    findings = [line for line in stderr.splitlines() if line.startswith(FINDING_PREFIX)]
    for finding in findings:
        log.error("%s", finding.removeprefix(FINDING_PREFIX))
    if code and not findings:
        log.error("%s ended with %d; to see why, run: %s", name, code, shlex.join(command))
