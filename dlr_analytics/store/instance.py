"""The data directory's random name, by which its receiver is known again from outside."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from dlr_analytics.store import layout
from dlr_analytics.store.files import OURS


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
    if not final.exists():
        staged = final.with_name(f"{final.name}.{secrets.token_hex(8)}")
        staged.write_text(secrets.token_hex(16), encoding="ascii")
        staged.chmod(OURS)
        try:
            # Unlike a rename, a link leaves the name alone that another process gave meanwhile.
            os.link(staged, final)
        except FileExistsError:
            pass
        finally:
            staged.unlink()
    return final.read_text(encoding="ascii")
