"""A disk of a size of its own for the broker, to be filled: a file system in a file, where we may.

Mounting needs root on Linux. Elsewhere there is none, and the fault is told as left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = 6 * 1024**3


class SmallDisk:
    """A folder that is a disk; a context manager. `there`: whether it could be mounted.

    keeps: whether what is on it is kept at the end, as a file that can be mounted (`.img`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.there = False
        self.keeps = False
        self._image = folder.with_name(f"{folder.name}.img")
        self._ballast = folder / "ballast"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
            return self
        with self._image.open("wb") as file:
            file.truncate(SIZE)  # only what is written takes room
        self.there = _done("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image)) and _done(
            "mount", "-o", "loop", str(self._image), str(self.folder)
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.there:
            _done("umount", "-l", str(self.folder))
        if not self.keeps:
            self._image.unlink(missing_ok=True)

    def fill(self) -> None:
        """Leaves no room: whole megabytes first, then whatever a page fits into."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (256 * 1024**2, 1024**2, 4096):
                self._stuff(file.fileno(), size)

    def _stuff(self, descriptor: int, size: int) -> None:
        while True:
            try:
                os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, size)
            except OSError:
                return  # that is what is wanted: no more of this size

    def make_room(self) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)


def _done(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
