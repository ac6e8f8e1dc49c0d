"""The state file of a local stack: which processes and ports it has, so that others find it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.process import Part


@dataclass
class StackState:
    """Ports by name and parts by name; a stack that is just starting has some of its parts only.

    detached: whether it outlives the process that started it.
    """

    ports: dict[str, int] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    detached: bool = False

    def write(self, path: Path) -> None:
        """Replace the file as a whole: a reader sees the old one or the new one."""
        # A copy: other parts may be starting in other threads.
        parts: Mapping[str, Part] = dict(self.parts)
        state = {
            "ports": self.ports,
            "parts": {name: part.to_state() for name, part in parts.items()},
            "detached": self.detached,
        }
        whole = path.with_suffix(".new")
        whole.write_text(json.dumps(state, indent=1) + "\n")
        whole.replace(path)

    @classmethod
    def read(cls, path: Path) -> "StackState | None":
        """What the file says (its processes may be dead); None if there is none, or no good one."""
        try:
            state: dict[str, Any] = json.loads(path.read_text())
            return cls(
                {str(name): int(port) for name, port in state["ports"].items()},
                {str(name): Part.from_state(part) for name, part in state["parts"].items()},
                state.get("detached", True) is True,
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
