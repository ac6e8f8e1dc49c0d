"""How topics are called on the broker: the two prefixes of topology.md, 1, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """`written` stands before what a service writes, `read` before what it reads."""

    written: str = ""
    read: str = ""

    def write(self, topic: str) -> str:
        """The broker's name of a topic that a service writes."""
        return self.written + topic

    def reads(self, topic: str) -> str:
        """The broker's name of a topic that a service reads."""
        return self.read + topic

    def plain(self, name: str) -> str:
        """The topic that is read under the broker's `name`."""
        return name.removeprefix(self.read)
