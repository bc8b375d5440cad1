"""An archive is imported as one file: one stream of records, one line of counts.

A file in it that cannot be read at all is refused like a line, as long as none of its records has
gone into the stream. A corrupt one spoils the archive, since what was read of it may be wrong. An
archive without any readable file is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from dlr_analytics.errors import UnusableFile
from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.importers.text_files import CorruptFile, Text

T = TypeVar("T")


@dataclass(slots=True)
class Archive:
    """The texts of one file: of a zip archive those of its files, else the only one.

    ``members`` counts the files of an archive, as far as they were read; 0 if it is none. ``label``
    is the name to print: of an archive with one file that of the file.
    """

    name: str
    members: int = 0
    label: str = field(default="", init=False)

    def records(
        self, texts: Iterable[Text], read: Callable[[Text], Iterable[T]]
    ) -> Iterator[T | Refused]:
        """Read the records of all texts.

        Raises
        ------
        UnusableFile
            If no text can be read, or if one is corrupt behind its first records.

        Examples
        --------
        >>> texts = [Text(f"a.zip/{n}.csv", "x", iter(["x"])) for n in "12"]
        >>> archive = Archive("a.zip")
        >>> list(archive.records(texts, lambda text: [text.name, Refused(1, "no ID")]))
        ['a.zip/1.csv', Refused(line=1, reason='no ID'), 'a.zip/2.csv', Refused(line=1, ...)]
        >>> archive.members
        2
        """
        self.label = self.name
        failure: UnusableFile | None = None
        is_readable = False
        for text in texts:
            if text.name == self.name:
                yield from read(text)
                return
            self.members += 1
            self.label = text.name if self.members == 1 else self.name
            try:
                yield from self._records(text, read)
                is_readable = True
            except _Unread as error:
                failure = error.failure
                problem = error.failure.problem.removeprefix(f"{text.name}: ")
                yield Refused(0, problem, text.name)
        if failure is not None and not is_readable:
            raise failure

    @staticmethod
    def _records(text: Text, read: Callable[[Text], Iterable[T]]) -> Iterator[T | Refused]:
        """The records of one text; _Unread if it fails before the first of them."""
        has_records = False
        try:
            for item in read(text):
                if isinstance(item, Refused):
                    yield replace(item, file=text.name)
                    continue
                has_records = has_records or not isinstance(item, Skipped)
                yield item
        except UnusableFile as error:
            if has_records or isinstance(error, CorruptFile):
                raise
            raise _Unread(error) from None


class _Unread(Exception):
    """A file that failed before its first record."""

    def __init__(self, failure: UnusableFile) -> None:
        super().__init__(str(failure))
        self.failure = failure
