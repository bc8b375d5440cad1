"""The data directory's random name, by which its receiver is known again from outside."""

from __future__ import annotations

import secrets
from pathlib import Path

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import atomic_rename
from dlr_analytics.store.locks import exclusive_lock


def instance_name(data: Path) -> str:
    """The name, made up by whoever asks first.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> instance_name(folder) == instance_name(folder)
    True
    """
    final = layout.instance(data)
    # Alone, since of two that start at once the first gives the name; not where it has been given,
    # since the folder may be one that can only be read.
    if not _given(final):
        with exclusive_lock(layout.lock(data)):
            if not _given(final):
                staged = final.with_name(f"{final.name}.{secrets.token_hex(8)}")
                staged.write_text(secrets.token_hex(16), encoding="ascii")
                atomic_rename(staged, final)
    return _given(final)


def _given(final: Path) -> str:
    """The name, empty where there is none yet."""
    try:
        return final.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
