"""Whether what runs for each record runs compiled (`stack.compile_kernel`), or as it is written.

The compiled modules lie in a folder of their own, beside a digest of what they were made from. They
do what the sources say, faster. Where they are missing, or a source has changed since, the sources
run; with `SX_AS_WRITTEN=1` too, for a debugger.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

MODULES = (
    *("partitioner", "instant", "envelope", "output", "headers", "prefix"),
    *("table", "turn", "entity", "task"),
)

SOURCES = Path(__file__).parent
FOLDER = SOURCES / "_compiled"
MADE_FROM = FOLDER / "made_from"


def digest() -> str:
    """Of what the result depends on: the sources, types included, and which Python takes it."""
    found = blake2b(EXTENSION_SUFFIXES[0].encode(), digest_size=16)
    for source in sorted(SOURCES.glob("*.py")):
        found.update(source.read_bytes())
    return found.hexdigest()


def fresh() -> bool:
    """Whether the compiled modules are there and are what the sources say."""
    if os.environ.get("SX_AS_WRITTEN") == "1" or not MADE_FROM.exists():
        return False
    there = [(FOLDER / f"{name}{EXTENSION_SUFFIXES[0]}").exists() for name in MODULES]
    return all(there) and MADE_FROM.read_text() == digest()
