"""The environments in which peers run: Quix Streams pins a client that we cannot use.

confluent-kafka below 2.13, while the kernel needs 2.16 (K-2): no extra of ours can hold both.
"""

from __future__ import annotations

import sys
from pathlib import Path

_QUIX = Path(__file__).parents[1] / ".venv" / "quix" / "bin" / "python"

MISSING = {"quix": "Quix Streams is not installed: `make bench` installs it into .venv/quix"}
"""What to do about a runner that cannot run, by module."""


def python(module: str) -> str | None:
    """The interpreter of a runner; None where its environment is not there."""
    if module == "quix":
        return str(_QUIX) if _QUIX.exists() else None
    return sys.executable
