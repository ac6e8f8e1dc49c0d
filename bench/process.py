"""What a process of this machine takes."""

from __future__ import annotations

import subprocess


def rss_kb(pid: int) -> int:
    """Resident memory in KiB."""
    return int(_asked(pid, "rss"))


def _asked(pid: int, column: str) -> str:
    command = ["ps", "-o", f"{column}=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
