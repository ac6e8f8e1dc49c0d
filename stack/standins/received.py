"""What the stand-ins got: in memory, and as lines of JSON in files that outlive the process."""

import json
import time
from pathlib import Path
from typing import Any, Literal, get_args

Kind = Literal["mails", "sms", "tickets", "pushes", "refused"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Entry = dict[str, Any]


def now_ms() -> int:
    """The wall clock, in ms since the epoch: when something was received."""
    return time.time_ns() // 1_000_000


class Received:
    """Everything received, by kind, in the order of arrival.

    An entry is what came, with `received_at` (ms).  A ticket is one entry (`id`) whatever was done
    to it since; `refused` holds requests that were no good, with `target` and `reason`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._entries: dict[Kind, list[Entry]] = {kind: self._load(kind) for kind in KINDS}

    def _file(self, kind: Kind) -> Path:
        return self._folder / f"{kind}.jsonl"

    def _load(self, kind: Kind) -> list[Entry]:
        path = self._file(kind)
        entries: list[Entry] = []
        position: dict[int, int] = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                entry: Entry = json.loads(line)
            except ValueError:
                # The last line of a process that was killed while it wrote.
                continue
            if kind != "tickets" or entry["id"] not in position:
                position[entry.get("id", -1)] = len(entries)
                entries.append(entry)
            else:
                entries[position[entry["id"]]] = entry
        return entries

    def keep(self, kind: Kind, entry: Entry) -> Entry:
        """Keep a new entry; returns it with its time."""
        entry = {"received_at": now_ms(), **entry}
        self._entries[kind].append(entry)
        self._write(kind, entry)
        return entry

    def keep_change(self, ticket: Entry) -> None:
        """Write down a ticket that was kept and has been changed since."""
        self._write("tickets", ticket)

    def _write(self, kind: Kind, entry: Entry) -> None:
        with self._file(kind).open("a") as lines:
            lines.write(json.dumps(entry) + "\n")

    def all(self, kind: Kind) -> list[Entry]:
        """The entries of a kind, oldest first."""
        return self._entries[kind]

    def as_json(self) -> dict[str, list[Entry]]:
        """Everything, as `/_received` shows it."""
        return {kind: self._entries[kind] for kind in KINDS}

    def forget(self) -> None:
        """Drop everything, files included."""
        for kind in KINDS:
            self._entries[kind].clear()
            self._file(kind).unlink(missing_ok=True)
