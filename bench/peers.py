"""The environments in which peers run: Quix Streams pins a client that we cannot use.

confluent-kafka below 2.13, while the kernel needs 2.16 (K-2): no extra of ours can hold both.
"""

from __future__ import annotations

import sys
from pathlib import Path

_QUIX = Path(__file__).parents[1] / ".venv" / "quix" / "bin" / "python"

MISSING = {"quix": "quix is left out: `make bench` installs Quix Streams, into .venv/quix"}
"""What to do about a runner that cannot run, by module."""


def python(module: str) -> str:
    """The interpreter of a runner."""
    return str(_QUIX) if module == "quix" else sys.executable


def there(module: str) -> bool:
    """Whether that interpreter is installed."""
    return module != "quix" or _QUIX.exists()
