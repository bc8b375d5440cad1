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


async def run_child(name: str, *command: str, logged: set[str] | None = None) -> bool:
    """Run a child process that may be killed at any moment; cancellation kills it.

    Parameters
    ----------
    name : str
        Name of the work, for the log.
    command : str
        Writes a line to stderr for each finding, after :data:`FINDING_PREFIX`, and exits 0 if there
        is none.
    logged : set of str, optional
        Findings that have been logged and are not logged again; new ones are added.

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
    _log_findings(name, stderr.decode(errors="replace"), child.returncode, command, logged)
    return child.returncode == 0


async def _kill(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        child.kill()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), KILL_TIMEOUT)


def _log_findings(
    name: str,
    stderr: str,
    code: int | None,
    command: tuple[str, ...],
    logged: set[str] | None = None,
) -> None:
    """Log each finding of the child; other output may quote anything and is dropped."""
    lines = stderr.splitlines()
    findings = [
        line.removeprefix(FINDING_PREFIX) for line in lines if line.startswith(FINDING_PREFIX)
    ]
    if code and not findings:
        findings = [f"{name} ended with {code}; to see why, run: {shlex.join(command)}"]
    for finding in findings:
        if logged is None or finding not in logged:
            log.error("%s", finding)
    if logged is not None:
        logged.update(findings)
