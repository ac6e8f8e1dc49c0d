"""A cluster of a test's own: three brokers, the first of them the controller, which stays up.

All that is made here is led by the second: the topics that a test makes on `NODES`, and the
coordinators, as the cluster's own topics are made beforehand, with `min.insync.replicas` as in
production.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from pathlib import Path

from confluent_kafka import ElectionType, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
    PartitionMetadata,
    ResourceType,
    TopicMetadata,
)

from stack.artifacts import kafka_jars
from stack.kafka import Kafka, Node, await_broker, cluster_id
from stack.ports import free_ports
from stack.process import Part
from tests.altering import altered
from tests.kernel.patient import READY_WITHIN_S
from tests.kernel.toy_kafka import wait

CONTROLLER, LEADER, OTHER = 1, 2, 3
NODES = (LEADER, OTHER, CONTROLLER)
"""Who holds a replica, in order of preference."""
INSYNC = 2
COORDINATORS = ("__consumer_offsets", "__transaction_state")


class OwnCluster:
    """The nodes, and what can be done to them."""

    def __init__(self, folder: Path) -> None:
        controller_port, *ports = free_ports(4)
        cluster = cluster_id(uuid.uuid4())
        self._nodes = {
            number: Kafka(
                folder / str(number),
                kafka_jars(),
                port,
                controller_port,
                node=Node(number, cluster, replicas=3, heap="384m", session_ms=3000),
            )
            for number, port in enumerate(ports, CONTROLLER)
        }
        self._parts: dict[int, Part] = {}
        self.servers = ",".join(node.bootstrap_servers for node in self._nodes.values())
        self.controller = self._nodes[CONTROLLER].bootstrap_servers
        self.admin = AdminClient({"bootstrap.servers": self.servers, "log_level": 0})

    def open(self) -> None:
        """Starts all nodes and makes the cluster's own topics."""
        self.start(CONTROLLER)
        self.start(LEADER, OTHER)
        wait(lambda: set(self.admin.list_topics(timeout=10).brokers) == set(NODES))
        config = {"cleanup.policy": "compact", "min.insync.replicas": str(INSYNC)}
        new = [
            NewTopic(name, 4, replica_assignment=[list(NODES)] * 4, config=config)
            for name in COORDINATORS
        ]
        for made in self.admin.create_topics(new, operation_timeout=30).values():
            made.result()

    def start(self, *numbers: int) -> None:
        """Starts nodes, on the data of before if they ran already."""
        for number in numbers:
            self._parts[number] = self._nodes[number].start()
        for number in numbers:
            servers = self._nodes[number].bootstrap_servers
            await_broker(self._parts[number], servers, READY_WITHIN_S)

    def kill(self, *numbers: int) -> None:
        """SIGKILL."""
        for number in numbers:
            self._parts.pop(number).kill()

    def whole(self) -> None:
        """Starts the nodes that a test has left killed."""
        self.start(*(number for number in NODES if number not in self._parts))

    def close(self) -> None:
        for part in self._parts.values():
            part.signal_stop()
        for part in self._parts.values():
            part.stop()

    # --- who leads, and who has all ------------------------------------------------------------

    def led_by(self, number: int, topics: Collection[str]) -> bool:
        """Whether a node leads all partitions."""
        return all(partition.leader == number for partition in self._partitions(topics))

    def in_sync(self, numbers: Iterable[int], topics: Collection[str]) -> bool:
        """Whether just these nodes have all that is acknowledged, of all partitions."""
        return all(set(found.isrs) == set(numbers) for found in self._partitions(topics))

    def _partitions(self, topics: Collection[str]) -> list[PartitionMetadata]:
        known = self._known(topics)
        return [found for name in topics for found in known[name].partitions.values()]

    def _known(self, topics: Collection[str]) -> dict[str, TopicMetadata]:
        """By name; the node that is asked may not know yet what was just made."""
        found: list[dict[str, TopicMetadata]] = []

        def all_of_them() -> bool:
            found.append(self.admin.list_topics(timeout=30).topics)
            return set(topics) <= found[-1].keys()

        wait(all_of_them)
        return found[-1]

    def elect(self, topics: Collection[str]) -> None:
        """Gives each partition back to whom it should be led by."""
        known = self._known(topics)
        places = [TopicPartition(name, p) for name in topics for p in known[name].partitions]
        done = self.admin.elect_leaders(ElectionType.PREFERRED, places).result()
        for error in done.values():
            if error is not None and error.code() != KafkaError.ELECTION_NOT_NEEDED:
                raise KafkaException(error)

    def coordinators_need(self, insync: int) -> None:
        """How many replicas must have what a coordinator writes."""
        for name in COORDINATORS:
            altered(self.admin, ResourceType.TOPIC, name, {"min.insync.replicas": str(insync)})
