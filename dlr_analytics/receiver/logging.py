"""Log lines as text or JSON; neither quotes what a client has sent.

Messages of this package are written with care for that; messages of libraries and the texts of
errors may quote anything and are left out.
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

PACKAGE: Final = "dlr_analytics"


class TextFormatter(logging.Formatter):
    """Format as ``dlr: message``, like every message of ``dlr`` on stderr."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one line of text."""
        return f"dlr: {record_text(record)}"


class JsonFormatter(logging.Formatter):
    """Format as JSON: ``time`` (UTC), ``level``, ``part``, ``pid``, ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one line of JSON."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).replace(tzinfo=None)
        line = {
            "time": f"{at.isoformat(timespec='milliseconds')}Z",
            "level": record.levelname.lower(),
            "part": record.name.removeprefix(f"{PACKAGE}."),
            "pid": os.getpid(),
            "message": record_text(record),
        }
        return json.dumps(line, ensure_ascii=False)


def configure_logging(form: str) -> None:
    """Write warnings and errors to stderr, as ``lines`` or as ``json``.

    This includes what Python prints by itself when the process or a thread ends with an error, when
    an error cannot be raised, or when a library warns: several lines that quote the error's text.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(handlers=[handler])
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_exit
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_unraisable


def _log_exit(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        log.critical("ended by %s", describe_error(error))
    else:
        sys.__excepthook__(kind, error, trace)


def _log_unraisable(unraisable: sys.UnraisableHookArgs | threading.ExceptHookArgs) -> None:
    if unraisable.exc_value is not None:
        log.error("an error without a caller: %s", describe_error(unraisable.exc_value))


def record_text(record: logging.LogRecord) -> str:
    """Text of a log record, in one line.

    Examples
    --------
    >>> own = {"name": PACKAGE, "msg": "worker %d ended", "args": (7,)}
    >>> record_text(logging.makeLogRecord(own))
    'worker 7 ended'
    >>> foreign = {"name": "asyncio", "msg": "unknown child %d", "args": (7,)}
    >>> record_text(logging.makeLogRecord(foreign))
    'asyncio: unknown child %d'
    """
    error = record.exc_info[1] if record.exc_info else None
    if record.name.partition(".")[0] == PACKAGE:
        text = record.getMessage()
    elif error is None:
        text = f"{record.name}: {_without_values(record).partition(chr(10))[0]}"
    else:
        text = record.name
    if error is not None:
        text += f": {error_location(error)}"
    return " ".join(text.split())


def _without_values(record: logging.LogRecord) -> str:
    """A library's message without its values; of a warning, place and category."""
    if record.name == "py.warnings":
        return ": ".join(record.getMessage().split(": ")[:2])
    return str(record.msg)


def describe_error(error: BaseException) -> str:
    """Text of an error of this package; only the location of any other.

    The text of other errors could quote a client.
    """
    return str(error) if isinstance(error, DlrError) else error_location(error)


def error_location(error: BaseException) -> str:
    """Type and place of an error without its text, which could quote a client.

    Of an OSError also the system's standard message.

    Examples
    --------
    >>> error_location(ValueError("447700900123"))
    'ValueError'
    >>> error_location(OSError(28, "No space left on device", "/srv/dlr"))
    'OSError (No space left on device)'
    """
    kind = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        kind += f" ({error.strerror})"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{kind} in {frames[-1].filename}, line {frames[-1].lineno}" if frames else kind
