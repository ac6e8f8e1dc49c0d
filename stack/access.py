"""What each service may do on a secured cluster: the ACLs that follow from the catalogue.

Kafka's operations imply one another: READ and WRITE imply DESCRIBE. A service that asks for more
than this meets an authorization error, and one granted more could touch what is another's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.catalogue import TOPICS
from schemas.topic import SERVICES
from services.process import written_by
from services.read_model.query import TOPICS as READ_BY_READ_MODEL
from services.read_model.source import GROUP as READ_MODEL
from simulation.clock import ACKS
from streams.kafka.names import Names

Resource = Literal["topic", "group", "transactional-id", "cluster"]
Operation = Literal["Read", "Write", "Describe", "DescribeConfigs"]


@dataclass(frozen=True)
class Grant:
    """One thing that the principal of a service is allowed; `prefixed`: on all names so begun."""

    service: str
    resource: Resource
    name: str
    operation: Operation
    prefixed: bool = False

    def line(self, principal: str) -> str:
        """The options of `kafka-acls.sh` that grant it; `NAME` in `principal` is the service."""
        where = f"--{self.resource}" + (f" '{self.name}'" if self.resource != "cluster" else "")
        pattern = " --resource-pattern-type prefixed" if self.prefixed else ""
        whom = principal.replace("NAME", self.service)
        return f"--add --allow-principal '{whom}' --operation {self.operation} {where}{pattern}"


def grants(service: str, names: Names) -> Iterator[Grant]:
    """All that a service needs, in live time. Raises KeyError for a service that is none."""
    if service == READ_MODEL:
        for topic in READ_BY_READ_MODEL:
            yield Grant(service, "topic", names.reads(topic), "Read")
        yield Grant(service, "group", f"{names.written}{service}", "Read")
        return
    if service not in SERVICES:
        raise KeyError(service)
    changelogs = [name for name in TOPICS if _is_changelog(name, service)]
    read = [t.name for t in TOPICS.values() if service in {r.service for r in t.readers}]
    for topic in read:
        yield Grant(service, "topic", names.reads(topic), "Read")
    for topic in changelogs:
        yield Grant(service, "topic", names.write(topic), "Read")
    for topic in written_by(service):
        # A worker's start looks for all of them; acks are written in stepped time only.
        operation: Operation = "Describe" if topic == ACKS else "Write"
        yield Grant(service, "topic", names.write(topic), operation)
    own = [*changelogs, f"{service}.outcomes", f"{service}.dead-letters"]
    for topic in own:
        yield Grant(service, "topic", names.write(topic), "DescribeConfigs")
    yield Grant(service, "group", f"{names.written}{service}", "Read")
    ids = f"{names.written}{service}-"
    yield Grant(service, "transactional-id", ids, "Write", prefixed=True)
    yield Grant(service, "cluster", "kafka-cluster", "DescribeConfigs")


def _is_changelog(topic: str, service: str) -> bool:
    return topic.startswith(f"{service}.") and topic.endswith(".changelog")
