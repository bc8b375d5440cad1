"""Work that a child process does beside the receiver: what it finds is logged, nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from typing import Final

log = logging.getLogger(__name__)

FINDING: Final = "dlr: "
"""How a line of the child's begins that is meant for people."""

LETTING_GO: Final = 0.5
"""Seconds that a killed child is waited for; one whom the disk holds is left behind."""


async def work(name: str, *command: str) -> bool:
    """Have a child do what ``name`` says, at work that is safe to be killed at.

    Cancelled, it kills the child.

    Parameters
    ----------
    command : str
        Writes a line to stderr for each finding, after :data:`FINDING`, and exits 0 where all is
        well.

    Returns
    -------
    bool
        Whether all is well; where not, that has been logged.
    """
    try:
        # In a group of its own: a terminal's ^C is for us, and we decide when the child ends.
        child = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, process_group=0
        )
    except OSError as error:
        log.error("cannot start %s: %s", name, error.strerror)  # noqa: TRY400
        return False
    try:
        _, complaints = await child.communicate()
    except asyncio.CancelledError:
        await _let_go(child)
        raise
    _pass_on(name, complaints.decode(errors="replace"), child.returncode, command)
    return child.returncode == 0


async def _let_go(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        child.kill()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), LETTING_GO)


def _pass_on(name: str, complaints: str, code: int | None, command: tuple[str, ...]) -> None:
    """Log the child's findings, a line each. What else it may have said could hold anything."""
    findings = [line for line in complaints.splitlines() if line.startswith(FINDING)]
    for finding in findings:
        log.error("%s", finding.removeprefix(FINDING))
    if code and not findings:
        log.error("%s ended with %d; to see why: %s", name, code, shlex.join(command))
