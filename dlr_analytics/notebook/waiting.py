"""A line that a question takes longer than a second: in notebooks and terminals.

Where stderr is a pipe or a file, and there is no notebook, nothing is written.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

AFTER_S: Final = 1.0

_EVERY_S: Final = 0.5

Show = Callable[[str], None]
"""Shows a line in place of the last one; without text, it removes it."""


@contextmanager
def waiting(question: str, after_s: float = AFTER_S) -> Iterator[None]:
    """Show ``question: 3 s`` while the block runs, once it has run for a while.

    Examples
    --------
    >>> with waiting("cost"):
    ...     pass
    """
    show = _place()
    if show is None:
        yield
        return
    done = threading.Event()
    # A notebook knows by the context which cell the output belongs to.
    context = contextvars.copy_context()
    watching = threading.Thread(
        target=context.run, args=(_watch, show, question, done, after_s), daemon=True
    )
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def _watch(show: Show, question: str, done: threading.Event, after_s: float) -> None:
    began = time.monotonic()
    if done.wait(after_s):
        return
    try:
        while True:
            show(f"{question}: {time.monotonic() - began:.0f} s")
            if done.wait(_EVERY_S):
                break
        show("")
    except (OSError, ValueError):  # the terminal is closed
        return


def _place() -> Show | None:
    """Where to show it: the output of a cell, a terminal, or nowhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and hasattr(shell, "kernel"):
        return _in_a_cell()
    return _in_a_terminal if sys.stderr.isatty() else None


def _in_a_cell() -> Show:
    from IPython.display import display

    shown = None

    def show(line: str) -> None:
        nonlocal shown
        bundle = {"text/plain": line, "text/html": f'<div class="dlr">{line}</div>' if line else ""}
        if shown is None:
            shown = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            shown.update(bundle, raw=True)

    return show


def _in_a_terminal(line: str) -> None:
    # "\x1b[K" clears what an earlier, longer line left.
    sys.stderr.write(f"\r{line}\x1b[K" if line else "\r\x1b[K")
    sys.stderr.flush()
