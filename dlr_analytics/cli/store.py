"""``dlr status``, ``verify``, ``compact``, ``quarantine``: care of the data."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dlr_analytics.cli.diagnostics import complain, warn_ahead, warn_no_receipts
from dlr_analytics.cli.options import data_option, memory_option

if TYPE_CHECKING:
    import datetime as dt

    from dlr_analytics.analysis.cache.refresh import CachedBatch
    from dlr_analytics.settings import Settings
    from dlr_analytics.store.receipts.compact import Compacted
    from dlr_analytics.store.status import Status

T = TypeVar("T", "Compacted", "CachedBatch")


@click.command()
@data_option
def status(**options: Any) -> None:
    """Show counts, newest receipt, oldest message, files, quarantine, disk use."""
    from dlr_analytics.analysis.cache.oldest import oldest_message
    from dlr_analytics.analysis.cache.places import existing
    from dlr_analytics.settings import load_settings
    from dlr_analytics.settings.bucket_path import BucketPath
    from dlr_analytics.store import status as store

    settings = load_settings(options, reads_only=True)
    data = settings.data
    current = store.status(data, existing(data))
    rows = _rows(current, oldest_message(settings))
    if settings.ship_to is not None and not isinstance(data, BucketPath):
        rows.append(("unshipped", _unshipped(data)))
    for name, text in rows:
        click.echo(f"{name:<15} {text}")
    warn_ahead(current.ahead)
    if not current.receipts:
        warn_no_receipts(data)


def _rows(counts: Status, oldest: dt.datetime | None) -> list[tuple[str, str]]:
    from dlr_analytics.webhook.content import plural
    from dlr_analytics.webhook.messages_api import SMS

    others = {name: count for name, count in counts.channels.items() if name != SMS}
    calls = {plural(kind): count for kind, count in counts.other_calls.items()}
    total = sum(counts.sizes.values())
    parts = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in counts.sizes.items() if size)
    return [
        ("format", f"{counts.format}"),
        ("receipts", f"{counts.receipts:,}"),
        *([("other channels", _parts(others))] if others else []),
        ("newest receipt", _moment(counts.newest)),
        ("oldest message", _moment(oldest)),
        *([("ahead of clock", f"{counts.ahead:,} receipts")] if counts.ahead else []),
        ("numbers", ", ".join(f"{n:,} {form}" for form, n in counts.numbers.items())),
        ("sealed files", f"{counts.sealed_files:,}"),
        ("superseded", f"{counts.superseded:,} files"),
        ("without a sum", f"{counts.without_sum:,} files"),
        ("last compacted", _moment(counts.compacted)),
        ("journals", f"{counts.journals:,}"),
        ("unsealed", f"{counts.unsealed:,} receipts"),
        ("quarantine", f"{counts.quarantined:,}" + (f" ({_parts(calls)})" if calls else "")),
        ("unfinished", _unfinished(counts)),
        ("disk use", f"{total / 1e6:.1f} MB" + (f" ({parts})" if parts else "")),
    ]


def _unfinished(counts: Status) -> str:
    if not counts.unfinished:
        return "none"
    commands = " and ".join(f"dlr {name}" for name in sorted(set(counts.unfinished)))
    return f"{commands}; run again, it or dlr compact finishes what was begun"


def _unshipped(data: Path) -> str:
    import datetime as dt

    from dlr_analytics.store.shipping.files import count_unshipped

    found = count_unshipped(data)
    if found.since is None:
        return "0 files"
    since = dt.datetime.fromtimestamp(found.since, dt.UTC).replace(tzinfo=None)
    return f"{found.files:,} files, the oldest of {_moment(since)}"


def _moment(time: dt.datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "none"


def _parts(counts: Mapping[str, int]) -> str:
    """Name the largest counts; names may be anybody's text."""
    from dlr_analytics.presentation.sanitize import sanitize

    largest = sorted(counts.items(), key=lambda item: -item[1])
    named = [f"{count:,} {sanitize(name, 20)}" for name, count in largest[:6]]
    rest = sum(count for _, count in largest[6:])
    return ", ".join(named + ([f"{rest:,} more"] if rest else []))


@click.command()
@data_option
def verify(**options: Any) -> int:
    """Read all files back and list those with faults.

    Exit status 1 if there are any.
    """
    from tqdm import tqdm

    from dlr_analytics.analysis.cache.places import files_at
    from dlr_analytics.settings import load_settings
    from dlr_analytics.store import verify as store

    data = load_settings(options, reads_only=True).data
    stored = files_at(data)
    files = store.files_to_check(data, stored)
    bad = without_sum = 0
    for path in tqdm(files, unit=" files", disable=None, leave=False, file=sys.stderr):
        faults = store.check_file(path, data, stored)
        bad += bool(faults)
        without_sum += not faults and store.lacks_sum(path, stored)
        for fault in faults:
            tqdm.write(f"{path}: {fault}")
    click.echo(f"{len(files):,} files read, {bad:,} with faults", err=True)
    if without_sum:
        click.echo(
            f"{without_sum:,} files without a sum: other programs or earlier releases wrote them,"
            " and not every change of their bytes shows",
            err=True,
        )
    if not files:
        warn_no_receipts(data)
    return 1 if bad else 0


@click.command()
@data_option
@memory_option
@click.option("--open-day", is_flag=True, help="Cache the messages of today's sealed files too.")
def compact(**options: Any) -> int:
    """Merge the files of each closed day into one, and cache its messages.

    A day is closed when its date in UTC is over. Receivers and readers may run meanwhile. Exit
    status 1 if a day could not be merged or cached; it is left unchanged.
    """
    import datetime as dt

    from dlr_analytics.analysis.cache import refresh
    from dlr_analytics.erasure.run import finish
    from dlr_analytics.settings import load_settings, refuse_where_shipping
    from dlr_analytics.store.receipts import compact as store

    open_day = options.pop("open_day")
    settings = load_settings(options)
    refuse_where_shipping(settings, "dlr compact")
    data = settings.data
    if store.is_compacting(data):
        complain(f"another dlr compact is running in {data}: waiting for it")
    left = finish(settings)
    for finding in left:
        complain(" ".join(finding.split()))
    today = dt.datetime.now(dt.UTC).date()
    days = store.closed_days(data, today)
    counted = _cache(settings, refresh.partly_cached(settings, days))
    merged = _run(store.compact(data, days, memory=settings.memory), len(days), " days")
    sound = [one.day for one in merged if not one.finding]
    counted += _cache(settings, [*sound, today] if open_day else sound, merged=True)
    files = sum(one.files for one in merged)
    new = len({day for one in counted if not one.finding for day in one.days})
    click.echo(
        f"{files:,} files of {sum(one.files > 0 for one in merged):,} days merged,"
        f" messages of {new:,} days cached; {len(days):,} days are closed"
    )
    findings = [one.finding for one in merged] + [one.finding for one in counted]
    return 1 if any(findings) or left else 0


def _cache(settings: Settings, days: list[dt.date], *, merged: bool = False) -> list[CachedBatch]:
    """Cache the messages of some days; after a merge, the new file names too."""
    from dlr_analytics.analysis.cache import refresh

    batches = refresh.plan_batches(settings, days) if days or merged else []
    return _run(refresh.cache_batches(settings, batches), len(batches), " batches")


def _run(steps: Iterable[T], total: int, unit: str) -> list[T]:
    """Run the steps with a progress bar; print each finding."""
    from tqdm import tqdm

    done = []
    for step in tqdm(steps, total=total, unit=unit, disable=None, leave=False, file=sys.stderr):
        done.append(step)
        if step.finding:
            tqdm.write(f"dlr: {step.finding}", file=sys.stderr)
    return done


@click.command()
@data_option
@click.option("--replay", is_flag=True, help="Parse them again first; store the receipts found.")
def quarantine(*, replay: bool, **options: Any) -> int:
    """List unparsable requests: arrival, reason and content, separated by tabs.

    Exit status 1 if there are any.
    """
    from dlr_analytics.analysis.cache.places import files_at
    from dlr_analytics.settings import load_settings, refuse_where_shipping
    from dlr_analytics.store.quarantine import entries

    settings = load_settings(options, reads_only=not replay)
    if replay:
        refuse_where_shipping(settings, "dlr quarantine --replay")
    stored = files_at(settings.data)
    if replay:
        _replay(settings.data, settings)
    empty = True
    for entry in entries(settings.data, stored):
        empty = False
        click.echo(f"{entry.arrived_at}\t{entry.reason}\t{_escape(entry.raw)}")
    return 0 if empty else 1


def _replay(data: Path, settings: Settings) -> None:
    from dlr_analytics.store.replay import replay
    from dlr_analytics.webhook.privacy import Privacy

    replayed = replay(data, Privacy.from_settings(settings))
    click.echo(f"{replayed.receipts:,} requests parsed and stored", err=True)
    if replayed.files_in_use:
        click.echo(
            f"{replayed.files_in_use:,} files are in use by a receiver; try again later", err=True
        )


def _escape(text: str) -> str:
    """Escape characters that control a terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


@click.command()
@click.argument("address", metavar="S3://BUCKET/PREFIX")
@data_option
def pull(address: str, **options: Any) -> int:
    """Fetch what a bucket has and the data directory has not; makes the directory.

    Files that a compacted file has replaced are left out. Pulling again fetches only what is new.
    Exit status 2 if an object is damaged; all others are fetched.
    """
    from dlr_analytics.bucket import pull as bucket
    from dlr_analytics.bucket.access import read_address
    from dlr_analytics.bucket.objects import open_objects
    from dlr_analytics.settings import load_settings, refuse_where_shipping

    settings = load_settings(options)
    refuse_where_shipping(settings, "dlr pull")
    pulled = bucket.pull(open_objects(read_address(address)), settings.data)
    click.echo(f"{pulled.fetched:,} files fetched; {pulled.present:,} were here")
    for finding in pulled.findings:
        complain(finding)
    return 2 if pulled.findings else 0


@click.command()
@click.argument("address", metavar="S3://BUCKET/PREFIX")
@data_option
def publish(address: str, **options: Any) -> None:
    """Make a bucket what the data directory is, after dlr pull and dlr compact.

    New files and the cache are created there, and objects that compacted files replace are deleted.
    Publishing again changes nothing. Only one data directory may publish to a bucket.
    """
    from dlr_analytics.bucket import publish as bucket
    from dlr_analytics.bucket.access import read_address
    from dlr_analytics.bucket.objects import open_objects
    from dlr_analytics.settings import load_settings, refuse_where_shipping

    settings = load_settings(options)
    refuse_where_shipping(settings, "dlr publish")
    done = bucket.publish(open_objects(read_address(address)), settings.data)
    click.echo(
        f"{done.created:,} objects created, {done.replaced:,} replaced, {done.deleted:,} deleted"
    )
