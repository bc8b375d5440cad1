"""``dlr sends``, ``dlr import``, ``dlr reconcile``: files from elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from dlr_analytics.cli.diagnostics import complain, warn_no_receipts
from dlr_analytics.cli.options import data_option, memory_option
from dlr_analytics.cli.rows import format_option, write

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result
    from dlr_analytics.importers.archives import Archive
    from dlr_analytics.importers.formats import ReadSend
    from dlr_analytics.importers.receipt_reader import ReadReceipt
    from dlr_analytics.importers.tally import Refused, Tally
    from dlr_analytics.importers.text_files import Text
    from dlr_analytics.store.receipts.staging import ImportCounts

T = TypeVar("T")

_files = click.argument(
    "files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path)
)


@click.command()
@data_option
@_files
def sends(data: str | None, files: tuple[Path, ...]) -> int:
    """Record send times of messages, which receipts do not contain.

    FILE is JSON of submit responses with a sent_at, CSV with the columns message_id and sent_at, or
    Reports API records, as CSV or JSON; plain, gzip or zip. Importing a file twice changes nothing.
    Exit status 1 if lines were refused; stderr names each with its reason.
    """
    from dlr_analytics.importers.registry import read_sends
    from dlr_analytics.importers.tally import accepted_records
    from dlr_analytics.settings import load_settings, refuse_where_shipping
    from dlr_analytics.store.sends import record_sends
    from dlr_analytics.webhook.privacy import Privacy

    settings = load_settings({"data": data})
    refuse_where_shipping(settings, "dlr sends")
    privacy = Privacy.from_settings(settings)

    def store(_: str, found: Iterable[ReadSend], tally: Tally) -> ImportCounts:
        return record_sends(settings.data, accepted_records(found, tally), privacy)

    return _import_files(files, read_sends, store)


@click.command("import")
@data_option
@_files
def import_(data: str | None, files: tuple[Path, ...]) -> int:
    """Import receipts from files; importing a file twice changes nothing.

    FILE is JSON of webhook bodies (one a line, pretty-printed or in an array), CSV with a header,
    Reports API records, as CSV or JSON, or a log with the URLs of GET requests; plain, gzip or
    zip. Exit status 1 if lines were refused; stderr names each with its reason.
    """
    import datetime as dt

    from dlr_analytics.importers.receipt_reader import ReceiptReader
    from dlr_analytics.importers.registry import read_receipts
    from dlr_analytics.importers.tally import accepted_records
    from dlr_analytics.settings import load_settings, refuse_where_shipping
    from dlr_analytics.store.receipts.insert import import_receipts
    from dlr_analytics.store.set_aside import SetAside
    from dlr_analytics.webhook.privacy import Privacy

    settings = load_settings({"data": data})
    refuse_where_shipping(settings, "dlr import")
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    reader = ReceiptReader(now, Privacy.from_settings(settings))

    def store(name: str, found: Iterable[ReadReceipt], tally: Tally) -> ImportCounts:
        with SetAside() as others:
            tally.set_aside = others.add
            stored = import_receipts(settings.data, accepted_records(found, tally))
            dropped = others.publish(settings.data)
        if dropped:
            complain(f"the quarantine is full: {dropped:,} requests of {name} are not in it")
        return stored

    return _import_files(files, lambda text: read_receipts(text, reader), store)


@click.command()
@data_option
@memory_option
@click.option("--by", "by", metavar="A,B", help="network_code, day (of date_received, UTC).")
@click.option("--list", "listed", is_flag=True, help="A row for each difference.")
@format_option
@_files
def reconcile(
    data: str | None,
    memory: str | None,
    by: str | None,
    listed: bool,  # noqa: FBT001 - click passes it by name
    form: str,
    files: tuple[Path, ...],
) -> int:
    """Compare the receipts with exports of the Reports API; writes nothing.

    FILE is an export of SMS or MESSAGES, as CSV or JSON; plain, gzip or zip. Exit status 1 if
    something differs: a receipt is missing, or has another status or price; or if lines were
    refused, which stderr names.
    """
    from tqdm import tqdm

    import dlr_analytics
    from dlr_analytics.importers.text_files import check_files

    check_files(files)
    database = dlr_analytics.open(data, memory)
    size = sum(path.stat().st_size for path in files)
    with tqdm(total=size, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        found = database.reconcile(files, by=by, list=listed, progress=bar.update)
    write(found, form)
    refused = _explain(found)
    if database.is_empty():
        warn_no_receipts(database.data)
    return 1 if refused or _differs(found) else 0


def _explain(found: Result) -> int:
    """Print what was refused or left out, and other accounts; count the refused."""
    from dlr_analytics.presentation.sanitize import sanitize

    refused = 0
    for file in found.own["files"]:
        _print_refusals(file.label, file.tally)
        refused += file.tally.refused
        if skipped := ", ".join(f"{n:,} {kind}" for kind, n in sorted(file.tally.skipped.items())):
            click.echo(f"{_label(file.label)}: left out: {skipped}", err=True)
    if unknown := found.own["unknown_accounts"]:
        theirs, ours = (
            ", ".join(sanitize(name, 20) for name in names[:3]) + (" …" if names[3:] else "")
            for names in (unknown, found.own["accounts"])
        )
        complain(f"no receipt is of account {theirs} of the export; they are of {ours}")
    return refused


def _differs(found: Result) -> bool:
    if "difference" in found.columns:
        return len(found) > 0
    counts = ("missing", "other_status", "other_price")
    places = [found.columns.index(name) for name in counts]
    return any(row[place] for row in found for place in places)


def _import_files(
    files: tuple[Path, ...],
    read: Callable[[Text], Iterable[T]],
    store: Callable[[str, Iterable[T | Refused], Tally], ImportCounts],
) -> int:
    """Import file by file and print the counts; return 1 if a line was refused."""
    from tqdm import tqdm

    from dlr_analytics.importers.archives import Archive
    from dlr_analytics.importers.tally import Tally
    from dlr_analytics.importers.text_files import check_files, read_texts

    check_files(files)
    refused = 0
    size = sum(path.stat().st_size for path in files)
    with tqdm(total=size, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        for path in files:
            tally, archive = Tally(), Archive(str(path))
            found = archive.records(read_texts(path, bar.update), read)
            stored = store(archive.name, found, tally)
            with tqdm.external_write_mode(file=sys.stderr):
                _print_counts(archive, stored, tally)
            refused += tally.refused
    return 1 if refused else 0


def _print_counts(archive: Archive, stored: ImportCounts, tally: Tally) -> None:
    """Print the first refused lines on stderr, the counts on stdout."""
    _print_refusals(archive.label, tally)
    counts = [f"{stored.new} new", f"{stored.known} known", f"{tally.refused} refused"]
    counts += [f"{count} {kind}" for kind, count in sorted(tally.skipped.items())]
    counts += [f"in {archive.members} files"] if archive.members > 1 else []
    click.echo(f"{_label(archive.label)}: {', '.join(counts)}")


def _print_refusals(label: str, tally: Tally) -> None:
    for refusal in tally.refusals:
        place = f", line {refusal.line}" if refusal.line else ""
        click.echo(f"{_label(refusal.file or label)}{place}: {refusal.reason}", err=True)
    more = tally.refused - len(tally.refusals)
    if more:
        click.echo(f"{_label(label)}: {more} more lines refused", err=True)


def _label(text: str) -> str:
    """The name of a file: in an archive it is chosen by a stranger."""
    from dlr_analytics.presentation.sanitize import sanitize

    return sanitize(text, 500)
