"""``dlr sends`` and ``dlr import``: files from elsewhere into the data directory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dlr_analytics.cli.options import data_option

if TYPE_CHECKING:
    from dlr_analytics.importers.tally import Tally
    from dlr_analytics.importers.text_files import Text
    from dlr_analytics.store.receipts.staging import ImportCounts

_files = click.argument(
    "files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path)
)


@click.command()
@data_option
@_files
def sends(data: str | None, files: tuple[Path, ...]) -> int:
    """Record when messages were sent, which no receipt tells.

    FILE is JSON lines of submit responses with a sent_at, CSV with the columns message_id and
    sent_at, or a Reports API export; plain, gzip or zip. The same file twice changes nothing.
    Exit status 1: some lines were refused, each with its reason on stderr.
    """
    from dlr_analytics.importers.registry import read_sends
    from dlr_analytics.importers.tally import accepted_records
    from dlr_analytics.settings import load_settings
    from dlr_analytics.store.sends import record_sends
    from dlr_analytics.webhook.privacy import Privacy

    settings = load_settings({"data": data})
    privacy = Privacy.from_settings(settings)

    def take(text: Text, tally: Tally) -> ImportCounts:
        return record_sends(settings.data, accepted_records(read_sends(text), tally), privacy)

    return _take_in(files, take)


@click.command("import")
@data_option
@_files
def import_(data: str | None, files: tuple[Path, ...]) -> int:
    """Import receipts that came elsewhere; the same file twice changes nothing.

    FILE is JSON lines of webhook bodies, CSV with a header, an access log of nginx or Apache with
    GET requests in it, or a Reports API export; plain, gzip or zip. Exit status 1: some lines were
    refused, each with its reason on stderr.
    """
    import datetime as dt

    from dlr_analytics.importers.receipt_reader import ReceiptReader
    from dlr_analytics.importers.registry import read_receipts
    from dlr_analytics.importers.tally import accepted_records
    from dlr_analytics.settings import load_settings
    from dlr_analytics.store.receipts.insert import import_receipts
    from dlr_analytics.webhook.privacy import Privacy

    settings = load_settings({"data": data})
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    reader = ReceiptReader(now, Privacy.from_settings(settings))

    def take(text: Text, tally: Tally) -> ImportCounts:
        return import_receipts(settings.data, accepted_records(read_receipts(text, reader), tally))

    return _take_in(files, take)


def _take_in(files: tuple[Path, ...], take: Callable[[Text, Tally], ImportCounts]) -> int:
    """Take in file by file, and say what was done; 1 where a line was refused."""
    from tqdm import tqdm

    from dlr_analytics.importers.tally import Tally
    from dlr_analytics.importers.text_files import check_files

    check_files(files)
    refused = 0
    for text in _texts(files):
        tally = Tally()
        taken = take(text, tally)
        with tqdm.external_write_mode(file=sys.stderr):
            _say(text.name, taken, tally)
        refused += tally.refused
    return 1 if refused else 0


def _texts(files: tuple[Path, ...]) -> Iterator[Text]:
    """The texts in all files, with a bar on a terminal that says how far they are read."""
    from tqdm import tqdm

    from dlr_analytics.importers.text_files import read_texts

    size = sum(path.stat().st_size for path in files)
    with tqdm(total=size, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        for path in files:
            yield from read_texts(path, bar.update)


def _say(name: str, taken: ImportCounts, tally: Tally) -> None:
    """Each refused line on stderr, up to a bound; the counts on stdout."""
    for refusal in tally.refusals:
        click.echo(f"{name}, line {refusal.line}: {refusal.reason}", err=True)
    more = tally.refused - len(tally.refusals)
    if more:
        click.echo(f"{name}: {more} more lines refused", err=True)
    counts = [f"{taken.new} new", f"{taken.known} known", f"{tally.refused} refused"]
    counts += [f"{count} {kind}" for kind, count in sorted(tally.skipped.items())]
    click.echo(f"{name}: {', '.join(counts)}")
