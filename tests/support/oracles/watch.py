"""The rules of ``watch`` over counts: arrays of networks (or countries) by cells of time.

Written from the contract and from the methods of measurement. Times are UTC, the first cell begins
on a Monday at midnight, and a moment is the number of cells before it. So a week of many networks
is judged in seconds, moment after moment.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

HOUR: Final = 12
"""Cells of 5 minutes in an hour."""
DAY: Final = 24 * HOUR
WINDOWS: Final = (3, 6, 12, 24)
"""The windows of 15, 30, 60 and 120 minutes, in cells."""
LATE: Final = 2
"""Cells until a message is judged."""


class Scan(NamedTuple):
    """Of each network, in the window that deviates most; ``minutes`` is 0 where none alarms."""

    minutes: npt.NDArray[np.int64]
    value: Counts
    usual: Counts


def scan(n: Counts, x: Counts, now: int) -> Scan:
    """Judge ``x`` good ones of ``n`` messages in cells of 5 minutes."""
    ends = now - LATE
    habits, spread = _habits(n, x, ends)
    found = Scan(np.zeros(len(n), int), np.full(len(n), np.nan), np.full(len(n), np.nan))
    highest = np.full(len(n), -np.inf)
    for cells in WINDOWS:
        window = slice(max(0, ends - cells), ends)
        habit = habits[:, _slots(np.arange(window.start, window.stop) // HOUR)]
        sent, good = n[:, window].sum(1), x[:, window].sum(1)
        expected = (n[:, window] * habit).sum(1)
        variance = (n[:, window] * habit * (1 - habit)).sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            z = (expected - good) / np.sqrt(
                np.maximum(variance, sent * 0.01 * 0.99) + sent**2 * spread
            )
            alarm = (sent >= 10) & (z >= 6) & ((expected - good) / sent >= 0.12) & (z > highest)
            found.minutes[alarm] = 5 * cells
            found.value[alarm], found.usual[alarm] = (good / sent)[alarm], (expected / sent)[alarm]
        highest[alarm] = z[alarm]
    return found


def _slots(hours: Any) -> Any:
    return hours % 24 + 24 * (hours // 24 % 7 >= 5)


def _habits(n: Counts, x: Counts, ends: int) -> tuple[Counts, Counts]:
    """The share of each network by slot, NaN without history, and its variance beyond chance."""
    first, last = max(0, ends - 29 * DAY), max(0, ends - DAY)
    hours = np.arange(first // HOUR, -(-last // HOUR))
    sent, good = (_hourly(one, first, last) for one in (n, x))
    days = hours // 24
    with np.errstate(invalid="ignore", divide="ignore"):
        day = days - days[:1]
        shares = _sums(good, day) / _sums(sent, day)
        enough = (np.isfinite(shares).sum(1) >= 7) & (sent.sum(1) >= 400)
        level = np.full(len(n), np.nan)
        level[enough] = np.nanmedian(shares[enough], axis=1)
        p = level[:, None]
        missing = sent * p - good
        far = (missing >= 0.12 * sent) & (missing >= 4 * np.sqrt(sent * p * (1 - p)))
        usable = (sent > 0) & ~far & np.isfinite(p)
        sent, good = sent * usable, good * usable
        mean = good.sum(1) / sent.sum(1)
        slot = _slots(hours)
        of_slot = _sums(good, slot, 48), _sums(sent, slot, 48)
        habits: Counts = (of_slot[0] + 400 * mean[:, None]) / (of_slot[1] + 400)
        b = habits[:, slot]
        excess = ((good - sent * b) ** 2 - sent * b * (1 - b)).sum(1) / (sent**2).sum(1)
    return habits, np.maximum(excess, 0.00001)


def _sums(counts: Counts, group: npt.NDArray[Any], groups: int = 30) -> Counts:
    """Sums of each row by group; a product of matrices would do it in many threads."""
    rows = np.arange(len(counts))[:, None] * groups
    at = np.broadcast_to(rows + group, counts.shape)
    sums: Counts = np.bincount(at.ravel(), counts.ravel(), len(counts) * groups).astype(float)
    return sums.reshape(len(counts), groups)


def _hourly(counts: Counts, first: int, last: int) -> Counts:
    """Sums by hour of the cells from ``first`` to ``last``."""
    start, stop = first // HOUR * HOUR, -(-last // HOUR) * HOUR
    part = np.zeros((len(counts), stop - start))
    part[:, first - start : last - start] = counts[:, first:last]
    hourly: Counts = part.reshape(len(counts), -1, HOUR).sum(2)
    return hourly


def silence(came: Counts, now: int) -> npt.NDArray[np.int64]:
    """The longest silent window of each network in minutes, 0 where none; receipts by hour."""
    found = np.zeros(len(came), int)
    heard = [np.flatnonzero(row[max(0, now - 29 * 24) : now][::-1]) for row in came]
    for hours in (1, 2, 6, 24):
        kinds = [_kind(now - 24 * day, hours) for day in range(29)]
        for network, ago in enumerate(heard):
            if not len(ago) or ago.max() < 7 * 24 or ago.min() >= 72:
                continue
            alike = [day for day in range(1, ago.max() // 24 + 1) if kinds[day] == kinds[0]]
            sums = sorted(
                came[network, max(0, now - 24 * day - hours) : max(0, now - 24 * day)].sum()
                for day in alike
            )
            usual = sums[(len(sums) - 1) // 2] if sums else 0
            if usual >= 15 and came[network, max(0, now - hours) : now].sum() <= 0.05 * usual:
                found[network] = 60 * hours
    return found


def _kind(ends: int, hours: int) -> tuple[bool, bool]:
    """Whether a window begins and ends on a weekend."""
    return (ends - hours) // 24 % 7 >= 5, ends // 24 % 7 >= 5


def filtered(n: Counts, x: Counts, now: int) -> Flags:
    """Which senders are refused: ``x`` of ``n`` messages that ended, in cells of 5 minutes."""
    past = slice(max(0, now - 29 * DAY), max(0, now - DAY))
    habit = np.maximum((x[:, past].sum(1) + 0.5) / (n[:, past].sum(1) + 50), 0.002)
    alarm = np.zeros(len(n), bool)
    for cells in WINDOWS:
        sent, bad = n[:, now - cells : now].sum(1), x[:, now - cells : now].sum(1)
        p = 2 / (2 + sent * habit)
        tail = (1 - p) ** bad * (1 + bad * p)
        alarm |= (bad >= 5) & (bad >= 0.1 * sent) & (tail <= 1e-6)
    return alarm


def volume(sent: Counts, now: int) -> Flags:
    """Which countries get more than ever; messages by hour."""
    past = sent[:, max(0, now - 28 * 24 - 6) : now]
    newest = past[:, -6:].sum(1)
    before = np.pad(past[:, :-6], ((0, 0), (5, 5)))
    highest = np.lib.stride_tricks.sliding_window_view(before, 6, axis=1).sum(2).max(1)
    long_enough = past.any(0).argmax() <= past.shape[1] - 7 * 24 - 1
    alarm: Flags = (newest > 2 * highest) & (newest >= highest + 300) & long_enough
    return alarm
