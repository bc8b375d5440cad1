"""Input files as lines of text: plain, gzip or zip, in UTF-8 or UTF-16.

UTF-16 needs a byte order mark, UTF-8 may have one. Lines are streamed, never more than one is in
memory. An invalid byte becomes a lone surrogate (PEP 383), so that the record can name the problem.
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
"""Characters. No receipt is as long; the rest of a longer line is dropped."""

HAS_NUL: Final = "holds NUL bytes"
"""Reason of refusal of a line that a crash left unwritten or half written."""

_HEAD: Final = 4096

Progress: TypeAlias = Callable[[int], object]
"""Called with the number of bytes read since its last call."""

_Stream: TypeAlias = "io.BufferedReader[Any] | gzip.GzipFile | zipfile.ZipExtFile"


class TruncatedFile(UnusableFile):
    """A compressed file that ends too early; the text before its end is valid."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}", "fetch it again")
        self.reason = reason


class CorruptFile(UnusableFile):
    """A file with a wrong checksum, which says that something is wrong and not what."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its name, and its lines with their ends.

    ``first`` is the first line that is not blank, empty if there is none. Iterating ``lines``
    raises :class:`TruncatedFile` if the rest is missing, UnusableFile if the text is corrupt.
    """

    name: str
    first: str
    lines: Iterator[str]


def read_texts(path: Path, progress: Progress) -> Iterator[Text]:
    """Read the text of a file, or the text of each file in a zip archive.

    Parameters
    ----------
    path : path
        The file; may be a pipe, unless it is a zip archive.
    progress : callable
        Called with the number of bytes read, before decompression.

    Raises
    ------
    UnusableFile
        If it cannot be opened, is a folder, or is not text.
    """
    try:
        with io.BufferedReader(_CountingFile(path, progress)) as file:
            yield from _unwrapped(path, file)
    except (OSError, RuntimeError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnusableFile(f"{path}: {reason}", "name a file that can be read") from None


def check_files(paths: Iterable[Path]) -> None:
    """Raise UnusableFile if one of the files is missing or a folder."""
    for path in paths:
        if path.is_dir():
            raise UnusableFile(f"{path}: is a folder", "name the files in it")
        if not path.exists():
            raise UnusableFile(f"{path}: no such file", "check the name")


class _CountingFile(io.FileIO):
    """A file that reports how many bytes were read."""

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
                        yield _member(f"{path}/{member.filename}", packed)
    elif magic[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield _text(str(path), unpacked)
    else:
        yield _text(str(path), file)


def _member(name: str, stream: _Stream) -> Text:
    """The text of a file in an archive; its lines raise what makes it unusable."""
    try:
        return _text(name, stream)
    except CorruptFile:
        raise
    except UnusableFile as error:
        return Text(name, "unusable", _raise(error))


def _raise(error: UnusableFile) -> Iterator[str]:
    raise error
    yield ""


def _text(name: str, stream: _Stream) -> Text:
    lines = _lines(name, stream)
    leading = []
    for line in lines:
        leading.append(line)
        if line.strip():
            return Text(name, line.strip(), itertools.chain(leading, lines))
    return Text(name, "", iter(()))


def _lines(name: str, stream: _Stream) -> Iterator[str]:
    try:
        with _decoded(name, stream) as decoded:
            while line := decoded.readline(LONGEST_LINE):
                if len(line) == LONGEST_LINE and not line.endswith("\n"):
                    _drop_rest(decoded)
                yield line
    except EOFError as error:
        raise TruncatedFile(name, f"does not unpack: {error}") from None
    except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise CorruptFile(
            f"{name}: is corrupt, nothing of it was imported: {error}", "fetch it again"
        ) from None


def _decoded(name: str, stream: _Stream) -> io.TextIOWrapper:
    head = stream.peek(_HEAD)[:_HEAD]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return io.TextIOWrapper(stream, "utf-16", "replace", newline="")
    if head.startswith(b"PAR1"):
        raise UnusableFile(f"{name}: is Parquet", "copy it into receipts/ or sends/ as it is")
    # NUL bytes below the first line are damage, for which single lines are refused.
    if b"\0" in head.lstrip().partition(b"\n")[0]:
        raise UnusableFile(f"{name}: is not text", "give JSON, CSV or a log in UTF-8")
    return io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")


def _drop_rest(decoded: io.TextIOWrapper) -> None:
    while rest := decoded.readline(LONGEST_LINE):
        if rest.endswith(("\n", "\r")):
            return


def numbered_lines(text: Text) -> Iterator[tuple[int, str] | Refused]:
    """Number the lines that are not blank from 1, without their ends."""
    number = 0
    try:
        for number, line in enumerate(text.lines, start=1):
            if len(line) >= LONGEST_LINE:
                yield Refused(number, f"longer than {LONGEST_LINE} characters")
            elif "\0" in line:
                yield Refused(number, HAS_NUL)
            elif line.strip():
                yield number, line.rstrip("\r\n")
    except TruncatedFile as error:
        yield Refused(number + 1, error.reason)
