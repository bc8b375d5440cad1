"""A file that the user hands in, as lines of text, whatever it is wrapped in.

Plain, gzip or zip; UTF-8, with a byte order mark or without, or UTF-16 with one. Never more than a
line in memory. A byte that is no UTF-8 becomes a lone surrogate (PEP 383), so that it can be told.
"""

from __future__ import annotations

import codecs
import gzip
import io
import itertools
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.tally import Refused

LONGEST_LINE: Final = 2**20
"""Characters. No receipt has as many; what a line has beyond them is dropped."""

HOLDS_NUL: Final = "holds NUL bytes"
"""Why a line is refused that a crash left unwritten, or half written."""

_HEAD: Final = 4096

Progress: TypeAlias = Callable[[int], object]
"""Told how many bytes of the file were read since it was last told."""

_Stream: TypeAlias = "io.BufferedReader[Any] | gzip.GzipFile | zipfile.ZipExtFile"


class TornFile(UnusableFile):
    """A compressed file that ends too early: what came before is as it was written."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}", "fetch it again")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Text:
    """One text: its name, and its lines with their ends.

    ``first`` is the first line that is not blank, empty where there is none; ``lines`` raises
    :class:`TornFile` where the rest is missing, UnusableFile where something was damaged.
    """

    name: str
    first: str
    lines: Iterator[str]


def texts(path: Path, progress: Progress) -> Iterator[Text]:
    """The texts in a file: one, or of a zip archive each of its files.

    Parameters
    ----------
    path : path
        The file; a pipe will do where it is not a zip archive.
    progress : callable
        Called with the bytes read, compressed ones where the file is.

    Raises
    ------
    UnusableFile
        If it cannot be opened, is a folder, or holds no text.
    """
    try:
        with io.BufferedReader(_Counted(path, progress)) as file:
            yield from _unwrapped(path, file)
    except (OSError, RuntimeError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnusableFile(f"{path}: {reason}", "name a file that can be read") from None


def check(paths: Iterable[Path]) -> None:
    """Raise UnusableFile where one of the files is not there or is a folder, before any is read."""
    for path in paths:
        if path.is_dir():
            raise UnusableFile(f"{path}: is a folder", "name the files in it")
        if not path.exists():
            raise UnusableFile(f"{path}: there is no such file", "check the name")


class _Counted(io.FileIO):
    """A file that says how much of it was read."""

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(path)
        self._progress = progress

    def readinto(self, buffer: Any) -> int | None:
        count = super().readinto(buffer)
        self._progress(count or 0)
        return count


def _unwrapped(path: Path, file: io.BufferedReader[Any]) -> Iterator[Text]:
    magic = file.peek(4)[:4]
    if magic == b"PK\3\4":
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.is_dir() and not member.filename.startswith("__MACOSX/"):
                    with cast("zipfile.ZipExtFile", archive.open(member)) as packed:
                        yield _text(f"{path}/{member.filename}", packed)
    elif magic[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield _text(str(path), unpacked)
    else:
        yield _text(str(path), file)


def _text(name: str, stream: _Stream) -> Text:
    lines = _lines(name, stream)
    seen = []
    for line in lines:
        seen.append(line)
        if line.strip():
            return Text(name, line.strip(), itertools.chain(seen, lines))
    return Text(name, "", iter(()))


def _lines(name: str, stream: _Stream) -> Iterator[str]:
    try:
        with _decoded(name, stream) as decoded:
            while line := decoded.readline(LONGEST_LINE):
                if len(line) == LONGEST_LINE and not line.endswith("\n"):
                    _drop_rest(decoded)
                yield line
    except EOFError as error:
        raise TornFile(name, f"does not unpack: {error}") from None
    except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        # A checksum tells at the end that something before it is wrong, and not what.
        raise UnusableFile(
            f"{name}: is damaged, so that nothing in it counts: {error}", "fetch it again"
        ) from None


def _decoded(name: str, stream: _Stream) -> io.TextIOWrapper:
    head = stream.peek(_HEAD)[:_HEAD]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return io.TextIOWrapper(stream, "utf-16", "replace", newline="")
    if head.startswith(b"PAR1"):
        raise UnusableFile(f"{name}: is Parquet", "copy it into receipts/ or sends/ as it is")
    # Below the first line it is damage, and costs the lines that it is in.
    if b"\0" in head.lstrip().partition(b"\n")[0]:
        raise UnusableFile(f"{name}: is no text", "give JSON lines, CSV or an access log in UTF-8")
    return io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")


def _drop_rest(decoded: io.TextIOWrapper) -> None:
    while rest := decoded.readline(LONGEST_LINE):
        if rest.endswith(("\n", "\r")):
            return


def numbered(text: Text) -> Iterator[tuple[int, str] | Refused]:
    """The lines that are not blank, without their ends, each with its number from 1."""
    number = 0
    try:
        for number, line in enumerate(text.lines, start=1):
            if len(line) >= LONGEST_LINE:
                yield Refused(number, f"longer than {LONGEST_LINE} characters")
            elif "\0" in line:
                yield Refused(number, HOLDS_NUL)
            elif line.strip():
                yield number, line.rstrip("\r\n")
    except TornFile as error:
        yield Refused(number + 1, error.reason)
