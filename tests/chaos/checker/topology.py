"""Who reads and writes which topic, as docs/topology.md has it: the checker's own copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One stage of a service. relay: it keeps no rows; it checks a record and sends it on."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    relay: bool = False


@dataclass(frozen=True)
class Service:
    """One service: its stages, its tables, and the events that an effect's outcome may bring."""

    stages: tuple[Stage, ...]
    tables: tuple[str, ...]
    settled: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The topics that its group reads; not those it reads as global tables."""
        return tuple(topic for stage in self.stages for topic in stage.reads)

    @property
    def writes(self) -> tuple[str, ...]:
        """The topics of events that it writes; outcomes, dead letters and changelogs apart."""
        return tuple(topic for stage in self.stages for topic in stage.writes)


UPSTREAM = (
    "pyxis.orders",
    "adobe.contracts",
    "adobe.wcf",
    "sma.jobs",
    "sop.operations",
    "care.requests",
    "spo.providers",
    "smd.services",
    "smd.stores",
    "crm.erasures",
    "zendesk.tickets",
)

COMPACTED = (
    "spo.providers",
    "smd.services",
    "smd.stores",
    "zendesk.tickets",
    "order_ingest.catalogue",
    "matching.providers",
    "sx.policies",
)
"""Where a record may be gone although it was read; changelogs apart."""

SERVICES: Mapping[str, Service] = {
    "order_ingest": Service(
        (
            Stage(("smd.services", "smd.stores"), ("order_ingest.catalogue",), relay=True),
            Stage(("pyxis.orders", "lifecycle.orders"), ("order_ingest.grouping",)),
            Stage(("order_ingest.grouping", "lifecycle.px"), ("px.events", "order_ingest.sx")),
        ),
        ("orders", "px"),
    ),
    "lifecycle": Service(
        (
            Stage(
                (
                    "order_ingest.sx",
                    "matching.answers",
                    "adobe.contracts",
                    "adobe.wcf",
                    "sma.jobs",
                    "sop.operations",
                    "care.requests",
                ),
                (
                    "sx.events",
                    "payments",
                    "pyxis.notices",
                    "lifecycle.orders",
                    "lifecycle.px",
                    "lifecycle.matching",
                ),
            ),
        ),
        ("sx",),
    ),
    "matching": Service(
        (
            Stage(("spo.providers",), ("matching.providers",), relay=True),
            Stage(("lifecycle.matching", "matching.providers"), ("matching.answers",)),
        ),
        ("providers", "calendars", "searches"),
    ),
    "notifier": Service(
        (Stage(("sx.events",), ("notifications",)),),
        ("messages",),
        settled=("MessageSent", "MessageFailed"),
    ),
    "ticketing": Service(
        (
            Stage(("zendesk.tickets",), ("ticketing.tickets",), relay=True),
            Stage(("sx.events", "notifications", "ticketing.tickets"), ("tasks",)),
        ),
        ("tasks",),
        settled=("TaskTicketed", "TaskFailed"),
    ),
}

READ_MODEL = ("sx.events", "px.events", "tasks", "notifications")
"""What the read model's group reads: at least once, so it has no outcomes."""

DECODED = frozenset(
    {
        *(f"{name}.outcomes" for name in SERVICES),
        "sx.events",
        "px.events",
        "payments",
        "notifications",
        "tasks",
        "matching.answers",
        "lifecycle.matching",
        "matching.providers",
    }
)
"""The topics whose fields the checks look at; of the others key, headers and a hash will do."""

ENDED = frozenset({"CLOSED", "CANCELED", "NON_COMPLIANT"})
"""The statuses in which an Sx wants no Pro any more (MA-19, SX-9, RW-2)."""


def outcomes(service: str) -> str:
    """The topic that says what became of each input of a service."""
    return f"{service}.outcomes"


def dead_letters(service: str) -> str:
    """The topic of what a service could not take."""
    return f"{service}.dead-letters"


def changelogs(service: str) -> tuple[str, ...]:
    """The changelogs of a service's tables."""
    return tuple(f"{service}.{table}.changelog" for table in SERVICES[service].tables)


def topics() -> tuple[str, ...]:
    """Every topic that is read, changelogs apart, by its name without prefix."""
    own = [topic for service in SERVICES.values() for topic in service.writes]
    told = [topic for name in SERVICES for topic in (outcomes(name), dead_letters(name))]
    return (*UPSTREAM, *own, *told, "sx.policies")
