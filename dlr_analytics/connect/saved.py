"""``setup.json``: the receipt URL set at Vonage and the one before it, by account.

One entry for each account's key. It is written before the URL is set, so that what was there can
be restored whatever happens in between; it holds the URL token, so nobody else may read it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from dlr_analytics.errors import DamagedFile
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import FILE_MODE, atomic_rename, write_all


@dataclass(frozen=True, slots=True)
class Saved:
    """The URL that was set, and the account's URL before the first of ours."""

    url: str
    before: str
    earlier: tuple[str, ...] = ()

    def is_ours(self, url: str) -> bool:
        """Whether the account's receipt URL was set from here, now or earlier."""
        return url == self.url or url in self.earlier

    def replaced_by(self, url: str) -> Saved:
        """The entry once another URL of ours is set."""
        return Saved(url, self.before, tuple(dict.fromkeys((*self.earlier, self.url))))


SavedByKey: TypeAlias = dict[str, Saved]


def load_saved(data: Path) -> SavedByKey:
    """Read the URLs that were set, by the account's key.

    Raises
    ------
    DamagedFile
        If the file does not read back.
    """
    path = layout.account_setup(data)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): _parse(entry) for key, entry in entries.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise DamagedFile(f"{path}: not as dlr setup wrote it", "restore it or remove it") from None


def _parse(entry: Mapping[str, object]) -> Saved:
    earlier = entry["earlier"]
    if not isinstance(earlier, list):
        raise TypeError
    return Saved(str(entry["url"]), str(entry["before"]), tuple(map(str, earlier)))


def store_saved(data: Path, saved: SavedByKey) -> None:
    """Replace the entries; without any the file is removed."""
    path = layout.account_setup(data)
    if not saved:
        path.unlink(missing_ok=True)
        return
    staged = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    text = json.dumps({key: asdict(entry) for key, entry in saved.items()}, indent=1)
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        try:
            write_all(descriptor, text.encode())
        finally:
            os.close(descriptor)
        atomic_rename(staged, path, secret=True)
    finally:
        with contextlib.suppress(FileNotFoundError):
            staged.unlink()


def saved_url(settings: Settings) -> str | None:
    """The URL that was set for the account; without a key the only one, if any."""
    saved = load_saved(settings.data)
    key = settings.vonage_api_key
    if key is None:
        return next(iter(saved.values())).url if len(saved) == 1 else None
    return saved[key].url if key in saved else None
