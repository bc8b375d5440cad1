"""``dlr forget``: erasure of everything about a number, with proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analysis.engines.duckdb import Connection
from dlr_analytics.erasure.files.places import check_links
from dlr_analytics.erasure.files.quarantine_lines import count_lines
from dlr_analytics.erasure.files.rewriting import removed_rows
from dlr_analytics.erasure.numbers import Numbers
from dlr_analytics.erasure.plan import (
    KEY,
    KEYS_TABLE,
    Plan,
    Track,
    select_keys,
    unfinished,
    write_plan,
)
from dlr_analytics.erasure.proof import HOLDS, Proof
from dlr_analytics.erasure.proving import in_words
from dlr_analytics.erasure.prune import Erased
from dlr_analytics.erasure.run import as_store_error, carry_out, gone_lines
from dlr_analytics.erasure.selection import ask_sound_data, count_selected, damaged_files
from dlr_analytics.erasure.spellings import Finder
from dlr_analytics.erasure.texts import TextSearch
from dlr_analytics.errors import SettingsError, UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, existing_folder
from dlr_analytics.store.connection import connect
from dlr_analytics.store.locks import exclusive_lock
from dlr_analytics.store.spill import scratch_folder
from dlr_analytics.store.sql import HASHED, MASKED
from dlr_analytics.webhook.phone_numbers import digits_of
from dlr_analytics.webhook.privacy import Privacy, mask_number, protect_number
from dlr_analytics.webhook.receipt import COLUMNS

_RECORDS: Final = (
    "(select message_id, msisdn, sender from receipts"
    " union all select message_id, msisdn, sender from sends)"
)


def forget(
    settings: Settings,
    numbers: Numbers,
    *,
    yes: bool = False,
    calls: SystemCalls = REAL,
    track: Track = iter,
) -> Erased:
    """Remove every message that went to some numbers, and mask them elsewhere.

    Messages go whole, if any receipt or send record says that they went to the number. In values
    of others its digits become ``***``; lines of the quarantine that hold it are removed. Then all
    files of the data directory are read, and those that still hold a number are named.

    Parameters
    ----------
    settings : Settings
        As for :func:`~dlr_analytics.erasure.prune.prune`; its ``msisdn_key`` too.
    numbers : Numbers
        What is forgotten.
    yes : bool
        Remove them; otherwise nothing is changed, and ``left`` names what cannot be read.

    Raises
    ------
    UsageError
        A number is the account's own sender, or there is a symbolic link other than a day's
        folder; nothing is changed.
    SettingsError
        Hashes are stored, and there is no key; nothing is changed.
    StoreError
        Nothing can be written there.
    """
    data = existing_folder(settings.data)
    check_links(data)
    damaged = damaged_files(data, track)
    if not yes:
        return _count(settings, numbers, damaged, track)
    try:
        with exclusive_lock(layout.erase_lock(data)):
            found, _ = _select(settings, numbers, damaged, write=True, calls=calls)
            plan = unfinished(data)
            left = carry_out(settings, plan, damaged, calls, track)
    except (OSError, duckdb.Error) as error:
        raise as_store_error(error, data) from error
    return replace(found, left=tuple(left))


def _count(settings: Settings, numbers: Numbers, damaged: dict[Path, str], track: Track) -> Erased:
    found, numbers = _select(settings, numbers, damaged)
    data = settings.data
    with scratch_folder(data) as scratch, connect(scratch) as connection:
        finders = [Finder(numbers.digits, numbers.hashes, national=n) for n in (False, True)]
        proof = Proof(connection, data, finders[0], finders[1], scratch.parent, track)
        reasons = proof.holding(wait=False)
    unread = {path: reason for path, reason in reasons.items() if reason != HOLDS}
    left = (in_words(path, unread[path], data) for path in unread if path not in damaged)
    holding = len(reasons) - len(unread)
    return replace(found, holding=holding, left=(*damaged.values(), *left))


def _with_both_forms(connection: Connection, settings: Settings, numbers: Numbers) -> Numbers:
    """Add the hashes of numbers and the stored numbers of hashes, if there is a key.

    A folder has a number in both forms if it was collected before numbers were hashed.
    """
    key = settings.msisdn_key
    if not key:
        return numbers
    if numbers.hashes:
        rows = connection.execute(
            f"select distinct msisdn from {_RECORDS} where msisdn is not null"
            f" and not ({MASKED} or {HASHED})"
        ).fetchall()
        privacy = Privacy("hash", key.encode())
        plain = (text for (text,) in rows if protect_number(text, privacy) in numbers.hashes)
        found = frozenset(filter(None, map(digits_of, plain)))
        numbers = Numbers(numbers.digits | found, numbers.hashes)
    return numbers.with_hashes(key)


def _select(
    settings: Settings,
    numbers: Numbers,
    damaged: dict[Path, str],
    *,
    write: bool = False,
    calls: SystemCalls = REAL,
) -> tuple[Erased, Numbers]:
    """Check the numbers, select their messages, count, and write the plan.

    Returns
    -------
    Erased, Numbers
        What was counted, and the numbers with those of their hashes and the hashes of them.
    """
    begun = unfinished(settings.data)

    def select(connection: Connection) -> tuple[Erased, Numbers]:
        _check_key(connection, settings, numbers)
        all_forms = _with_both_forms(connection, settings, numbers)
        _check_sender(connection, all_forms)
        plan = replace(
            begun,
            numbers=begun.numbers | all_forms.digits,
            hashes=begun.hashes | all_forms.hashes,
        )
        _select_messages(connection, plan)
        lines = count_lines(settings.data, gone_lines(plan))
        counts = count_selected(connection, removed_rows(plan.before, COLUMNS), lines)
        alike = _count_masked(connection, all_forms)
        if write:
            write_plan(connection, settings.data, plan, calls)
        return Erased(counts, alike=alike), all_forms

    return ask_sound_data(settings, damaged, select)


def _check_key(connection: Connection, settings: Settings, numbers: Numbers) -> None:
    """Raise if hashes are stored that the numbers cannot be compared with."""
    if settings.msisdn_key or not numbers.digits:
        return
    ((hashed,),) = connection.execute(f"select count(*) from {_RECORDS} where {HASHED}").fetchall()
    if hashed:
        raise SettingsError(
            f"{settings.data} has {hashed:,} records with hashed numbers, and there is no key",
            "set DLR_MSISDN_KEY to the key they were hashed with",
        )


def _check_sender(connection: Connection, numbers: Numbers) -> None:
    """Raise if a number is the account's own."""
    finder = Finder(numbers.digits, numbers.hashes)
    own = [text for text in _texts(connection, "sender", finder) if finder.is_one(text)]
    if own:
        raise UsageError(
            "a number that is given is the sender of receipts: the account's own",
            "leave it out",
        )


def _texts(connection: Connection, column: str, finder: Finder) -> list[str]:
    """Distinct values of a column that hold a number."""
    condition = TextSearch(connection, finder).condition(column)
    rows = connection.execute(
        f"select distinct {column} from {_RECORDS} where {condition}"
    ).fetchall()
    return [text for (text,) in rows if finder.holds(text)]


def _select_messages(connection: Connection, plan: Plan) -> None:
    """Create the table of the messages that went to a number of a plan, and its own."""
    recipients = _texts(connection, "msisdn", Finder(plan.numbers, plan.hashes))
    connection.execute("create or replace temp table recipients (msisdn varchar)")
    if recipients:
        connection.executemany("insert into recipients values ($1)", [[r] for r in recipients])
    connection.execute(
        f"create or replace temp table {KEYS_TABLE} as select distinct {KEY} as key"
        f" from {_RECORDS} where msisdn in (select msisdn from recipients)"
        f" and message_id is not null union {select_keys(plan.files)}"
    )


def _count_masked(connection: Connection, numbers: Numbers) -> int:
    """Messages whose masked number may be one of the numbers."""
    masked = sorted({mask_number(number) for number in numbers.digits})
    ((count,),) = connection.execute(
        f"select count(distinct {KEY}) from {_RECORDS} where list_contains($1::varchar[], msisdn)",
        [masked],
    ).fetchall()
    return int(count)
