"""Log lines: short ones for people, JSON for machines. Neither holds what a caller has sent.

Our own sentences are written so; what a library says, and the text of an error, may quote anything
and is left out.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import threading
import traceback
from types import TracebackType
from typing import Final

from dlr_analytics.errors import DlrError

log = logging.getLogger(__name__)

OURS: Final = "dlr_analytics"


class Short(logging.Formatter):
    """``dlr: sentence``, as each message of ``dlr`` on stderr."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of text."""
        return f"dlr: {said(record)}"


class AsJson(logging.Formatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``part``, ``pid``, ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).replace(tzinfo=None)
        line = {
            "time": f"{at.isoformat(timespec='milliseconds')}Z",
            "level": record.levelname.lower(),
            "part": record.name.removeprefix(f"{OURS}."),
            "pid": os.getpid(),
            "message": said(record),
        }
        return json.dumps(line, ensure_ascii=False)


def start(how: str) -> None:
    """Have warnings and errors written to stderr, as ``lines`` or as ``json``.

    So is what Python would write there by itself, when the process or a thread ends, an error can
    be raised to nobody, or a library warns: many lines, and the error's text among them.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(AsJson() if how == "json" else Short())
    logging.basicConfig(handlers=[handler])
    logging.captureWarnings(capture=True)
    sys.excepthook = _ended
    sys.unraisablehook = _lost
    threading.excepthook = _lost


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        log.critical("ended by %s", sentence(error))
    else:
        sys.__excepthook__(kind, error, trace)


def _lost(what: sys.UnraisableHookArgs | threading.ExceptHookArgs) -> None:
    if what.exc_value is not None:
        log.error("an error that nobody could be told: %s", sentence(what.exc_value))


def said(record: logging.LogRecord) -> str:
    """What a record says, in one line.

    Examples
    --------
    >>> said(logging.makeLogRecord({"name": OURS, "msg": "worker %d ended", "args": (7,)}))
    'worker 7 ended'
    >>> said(logging.makeLogRecord({"name": "asyncio", "msg": "unknown child %d", "args": (7,)}))
    'asyncio: unknown child %d'
    """
    error = record.exc_info[1] if record.exc_info else None
    if record.name.partition(".")[0] == OURS:
        text = record.getMessage()
    elif error is None:
        text = f"{record.name}: {_harmless(record).partition(chr(10))[0]}"
    else:
        text = record.name
    if error is not None:
        text += f": {whereabouts(error)}"
    return " ".join(text.split())


def _harmless(record: logging.LogRecord) -> str:
    """A library's words without the values in them; of a warning, its place and kind."""
    if record.name == "py.warnings":
        return ": ".join(record.getMessage().split(": ")[:2])
    return str(record.msg)


def sentence(error: BaseException) -> str:
    """An error for people to read: one that is none of ours could quote what a caller has sent."""
    return str(error) if isinstance(error, DlrError) else whereabouts(error)


def whereabouts(error: BaseException) -> str:
    """Kind and place of an error, without its text; of the system's errors, what it calls them.

    Examples
    --------
    >>> whereabouts(ValueError("447700900123"))
    'ValueError'
    >>> whereabouts(OSError(28, "No space left on device", "/srv/dlr"))
    'OSError (No space left on device)'
    """
    kind = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        kind += f" ({error.strerror})"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{kind} in {frames[-1].filename}, line {frames[-1].lineno}" if frames else kind
