"""A layer between the receiver and the system: syncs that fail or hang, a clock that is set."""

from __future__ import annotations

import mmap
import struct
import subprocess
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


class Syncs(IntEnum):
    """What a sync does."""

    AS_EVER = 0
    FAIL = 1
    WAIT = 2


class Below:
    """The layer, compiled; a receiver started with ``variables`` runs on it."""

    def __init__(self, folder: Path) -> None:
        library, control = folder / "shim.so", folder / "control"
        command = ("cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o")
        subprocess.run([*command, str(library), str(SOURCE)], check=True)
        control.write_bytes(bytes(mmap.PAGESIZE))
        with control.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.variables = {"LD_PRELOAD": str(library), "SHIM_CONTROL": str(control)}

    def have_syncs(self, what: Syncs) -> None:
        """From now on syncs do that; those that wait too."""
        self._page[:8] = struct.pack("=q", what)

    def set_clock(self, seconds: int) -> None:
        """From now on the time of day is so many seconds off."""
        self._page[8:16] = struct.pack("=q", seconds)

    @property
    def begun(self) -> int:
        """How many syncs were asked for."""
        return int(struct.unpack("=q", self._page[16:24])[0])

    @property
    def ended(self) -> int:
        """How many have returned."""
        return int(struct.unpack("=q", self._page[24:32])[0])
