"""The pipeline in live mode: on wall time, with a policy of seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from policies.load import load_policies
from schemas.catalogue import TOPICS
from schemas.topic import SERVICES
from stack.composition import build_services
from stack.local import LocalStack
from stack.scenario.real import RealRun
from stack.standins.client import StandIns
from streams.record import Record
from tests.pipeline.accounting import is_whole
from tests.pipeline.forked import Forked
from tests.pipeline.played import vendors
from tests.pipeline.upstream import CODE, STORE, Sent, Upstream, eventually

PROJECT = Path(__file__).parents[2]

POLICY = """\
LMES:
  contract:
    auto_send_after: 2 s
    send_window: Mon-Sun 00:00-24:00
"""

GRACE_S = 1


class Live:
    """Workers that run, upstream systems, and the vendors' stand-ins."""

    def __init__(self, run: RealRun, standins: StandIns) -> None:
        self.run = run
        self.upstream = Upstream(run)
        self.standins = standins
        self.services = build_services(load_policies()).values()
        self._tail = run.tail(TOPICS)
        self._read: dict[str, list[Record]] = {topic: [] for topic in TOPICS}

    def records(self) -> dict[str, list[Record]]:
        """All records of all topics by now, those of a partition in order."""
        for record in self._tail.more():
            self._read[record.topic].append(record)
        return self._read

    def settled(self) -> dict[str, list[Record]] | None:
        """All records, once every service has told of all that lies in its inputs."""
        records, codec = self.records(), self.run.codec
        return records if all(is_whole(each, records, codec) for each in self.services) else None

    def close(self) -> None:
        """Gives the client back."""
        self._tail.close()

    def events(self, topic: str) -> list[Any]:
        """The events of a topic."""
        records = self.records()[topic]
        return [self.run.codec.decode(topic, r.value) for r in records if r.value]

    def letters(self, sent: Sent) -> list[Record]:
        """The dead letters that a record became, in all services."""
        at = {
            "dead_letter_topic": sent.topic.encode(),
            "dead_letter_partition": str(sent.partition).encode(),
            "dead_letter_offset": str(sent.offset).encode(),
        }
        records = self.records()
        return [
            record
            for service in SERVICES
            for record in records[f"{service}.dead-letters"]
            if at.items() <= dict(record.headers).items()
        ]

    def outcomes(self, service: str, sent: Sent) -> list[Any]:
        """What a service told of a record, in order."""
        place = (sent.topic, sent.partition, sent.offset)
        return [
            event
            for event in self.events(f"{service}.outcomes")
            if (event.topic, event.partition, event.offset) == place
        ]

    def statuses(self, sx_id: str) -> list[str]:
        """The types of the events of an Sx."""
        return [type(e).__name__ for e in self.events("sx.events") if e.sx_id == sx_id]

    def sx(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command as a person does beside these workers."""
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=PROJECT,
            env={**os.environ, **self.run.settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@contextmanager
def living(stack: LocalStack, folder: Path) -> Iterator[Live]:
    """The whole pipeline on wall time, a store and a service known to it."""
    policy = folder / "policy.yaml"
    policy.write_text(POLICY)
    with vendors(stack, folder) as (settings, standins):
        told = {**settings, "SX_DEADLINE_GRACE_S": str(GRACE_S), "SX_SHORT_GRACE": "1"}
        run = RealRun(told, folder / "logs", policy=policy, stepped=False, workers=Forked)
        with run, ExitStack() as opened:
            live = opened.enter_context(closing(Live(run, standins)))
            known = [live.upstream.store(STORE), live.upstream.service(CODE)]
            assert eventually(lambda: all(live.outcomes("order_ingest", each) for each in known))
            numbers = count(1)
            assert eventually(lambda: confirmed(live, f"8{next(numbers):05}"))
            yield live


def confirmed(live: Live, number: str) -> bool:
    """Whether an order is confirmed: one that comes before a worker has read what it refers to is a
    dead letter."""
    live.upstream.order(f"LMES:{number}")

    def sent() -> bool:
        found = live.standins.received("mails")
        return any(f"LMES-{number}-I-1.order_confirmed" in mail["message_id"] for mail in found)

    return eventually(sent, within_s=10)
