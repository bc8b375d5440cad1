"""Commands as a user who may do what permissions say, while the tests run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

_DROP: Final = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")

WITHOUT_PRIVILEGES: Final = (*_DROP, "--clear-groups")
"""Before a command: root without privileges, who owns the interpreter but not others' files."""


def of_group(group: int) -> tuple[str, ...]:
    """Before a command: the same, as a member of a group."""
    return (*_DROP, "--groups", str(group))


def can_drop_privileges() -> bool:
    """Whether a command can be run so."""
    if os.geteuid() != 0 or shutil.which(WITHOUT_PRIVILEGES[0]) is None:
        return False
    return subprocess.run([*WITHOUT_PRIVILEGES, "true"], check=False).returncode == 0
