"""Talking to the stand-ins: what they got, and how they are to misbehave."""

from types import TracebackType
from typing import Any

import httpx

from stack.standins.faults import Fault, Misbehaviour, Target
from stack.standins.received import Entry, Kind


class StandIns:
    """A client of `/_received` and `/_control`; a context manager."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=10)

    def __enter__(self) -> "StandIns":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def received(self, kind: Kind) -> list[Entry]:
        """What came, oldest first: `mails`, `sms`, `tickets`, `pushes`, `refused`."""
        everything: dict[str, list[Entry]] = self._http.get("/_received").raise_for_status().json()
        return everything[kind]

    def forget(self) -> None:
        """Drop all that was received."""
        self._http.delete("/_received").raise_for_status()

    def misbehave(self, *faults: Fault, **lists: Any) -> None:
        """Put faults in force; `lists` are those of `stack.standins.faults.Misbehaviour`."""
        wanted = Misbehaviour(faults=list(faults), **lists)
        self._http.post("/_control", content=wanted.model_dump_json()).raise_for_status()

    def waiting(self, target: Target) -> int:
        """How many requests to a target are still to be misbehaved at."""
        told: dict[str, int] = self._http.get("/_control").raise_for_status().json()["waiting"]
        return told.get(target, 0)

    def behave(self, target: Target | None = None) -> None:
        """Clear every fault and list; with a target, that one's faults alone."""
        asked = {} if target is None else {"target": target}
        self._http.delete("/_control", params=asked).raise_for_status()
