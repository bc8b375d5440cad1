"""Input files become lines of text, in any encoding and compression."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.tally import Refused
from dlr_analytics.importers.text_files import LONGEST_LINE, check_files, numbered_lines, read_texts

LINES = "first\nsecond é\n"


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # A fixed date, so that two test processes name their parameters alike.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read(folder: Path, content: bytes) -> list[tuple[str, str, list[tuple[int, str] | Refused]]]:
    path = folder / "given"
    path.write_bytes(content)
    names = read_texts(path, lambda _: None)
    return [
        (text.name.removeprefix(str(path)), text.first, list(numbered_lines(text)))
        for text in names
    ]


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        LINES.encode("utf-8-sig"),
        LINES.encode("utf-16"),
        b"\xfe\xff" + LINES.encode("utf-16-be"),
        LINES.replace("\n", "\r\n").encode(),
        LINES.rstrip("\n").encode(),
        gzip.compress(LINES.encode(), mtime=0),
        gzip.compress(LINES.encode("utf-16"), mtime=0),
    ],
)
def test_one_text_in_any_encoding_and_wrapping(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) == [("", "first", [(1, "first"), (2, "second é")])]


def test_an_archive_has_a_text_for_each_of_its_files(tmp_path: Path) -> None:
    archive = zipped({"a.csv": b"one\n", "__MACOSX/._a.csv": b"\0", "b/": b"", "b/c.csv": b"two\n"})
    found = read(tmp_path, archive)
    assert found == [("/a.csv", "one", [(1, "one")]), ("/b/c.csv", "two", [(1, "two")])]


@pytest.mark.parametrize(
    "content", [b"", b"\n \r\n", gzip.compress(b"", mtime=0), zipped({"a": b""})]
)
def test_nothing_in_it_is_no_error(tmp_path: Path, content: bytes) -> None:
    assert [(first, lines) for _, first, lines in read(tmp_path, content)] == [("", [])]


def test_blank_lines_count_but_are_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, b"\n\nfirst\n\nsecond\n") == [
        ("", "first", [(3, "first"), (5, "second")])
    ]


def test_bytes_that_are_no_utf_8_survive(tmp_path: Path) -> None:
    ((_, _, lines),) = read(tmp_path, b"caf\xe9\n")
    (line,) = lines
    assert isinstance(line, tuple)
    assert line[1].encode("utf-8", "surrogateescape") == b"caf\xe9"


def test_a_line_without_end_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    long = b"x" * (3 * LONGEST_LINE)
    ((_, _, lines),) = read(tmp_path, b"first\n" + long + b"\nthird\n")
    assert lines == [
        (1, "first"),
        Refused(2, f"longer than {LONGEST_LINE} characters"),
        (3, "third"),
    ]


def test_a_torn_archive_gives_what_it_has_and_names_the_tear(tmp_path: Path) -> None:
    whole = gzip.compress("".join(f"{n * 7919}\n" for n in range(20_000)).encode())
    ((_, _, lines),) = read(tmp_path, whole[: len(whole) // 2])
    *good, tear = lines
    assert good[0] == (1, "0")
    assert len(good) > 1000
    assert isinstance(tear, Refused)
    assert tear.line == len(good) + 1
    assert tear.reason.startswith("does not unpack")


@pytest.mark.parametrize("wrap", [gzip.compress, lambda whole: zipped({"a.csv": whole})])
def test_of_a_damaged_archive_nothing_counts(
    tmp_path: Path, wrap: Callable[[bytes], bytes]
) -> None:
    """The checksum comes last: text unpacked before may be corrupt."""
    whole = wrap("".join(f"{n * 7919}\n" for n in range(20_000)).encode())
    at = len(whole) // 2
    with pytest.raises(UnusableFile, match="is corrupt, nothing of it was imported"):
        read(
            tmp_path, whole[:at] + bytes(byte ^ 1 for byte in whole[at : at + 9]) + whole[at + 9 :]
        )


@pytest.mark.parametrize("before", [b"\n", b"first\n" * 2000])
def test_nul_bytes_below_the_first_line_cost_their_line_only(tmp_path: Path, before: bytes) -> None:
    ((_, _, lines),) = read(tmp_path, b"first\n" + before + b"se\0\0nd\nthird\n")
    number = before.count(b"\n") + 2
    assert lines[-2:] == [Refused(number, "holds NUL bytes"), (number + 1, "third")]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"PAR1" + bytes(100), "is Parquet; copy it into receipts/"),
        (b"\x7fELF\2\1\1\0\0", "is not text"),
        (LINES.encode("utf-16-le"), "is not text"),
        (zipped({"a.csv": b"\0\1\2"}), "a.csv: is not text"),
        (zipped({"a.csv": b"one"})[:20], "not a zip file"),
        (gzip.compress(LINES.encode(), mtime=0)[:12], "does not unpack"),
    ],
)
def test_what_holds_no_text_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        read(tmp_path, content)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [(Path.mkdir, "is a folder"), (lambda _: None, "no such file")],
)
def test_files_are_looked_at_before_any_is_read(
    tmp_path: Path, make: Callable[[Path], object], complaint: str
) -> None:
    (tmp_path / "good").write_text("x")
    make(tmp_path / "bad")
    with pytest.raises(UnusableFile, match=complaint):
        check_files([tmp_path / "good", tmp_path / "bad"])


def test_progress_is_in_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "given.gz"
    path.write_bytes(gzip.compress(LINES.encode() * 1000))
    result: list[int] = []
    for text in read_texts(path, result.append):
        assert sum(1 for _ in text.lines) == 2000
    assert sum(result) == path.stat().st_size
