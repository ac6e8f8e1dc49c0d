"""A broker that a busy machine does not take for dead.

By the local stack's time-outs, which are for brokers that are killed and come back, the only broker
is fenced once it has had no processor for 2 s. Then its partitions have no leader, and a consumer
that is told so may never ask for anything again (K-29): its worker ends after a minute, to be
started again, and here nobody does. No broker is killed here.
"""

from __future__ import annotations

from pathlib import Path

from stack.artifacts import kafka_jars
from stack.kafka import Kafka, await_broker
from stack.local import LocalStack


class PatientKafka(Kafka):
    """A broker whose heartbeats may take their time."""

    def _settings_for(self, data: Path) -> Path:
        path = super()._settings_for(data)
        with path.open("a") as file:
            file.write("broker.session.timeout.ms=60000\n")  # the last one counts
        return path


class PatientStack(LocalStack):
    """A local stack with such a broker."""

    def _kafka(self, detach: bool) -> None:
        ports = self._state.ports
        server = PatientKafka(
            self.folder / "kafka", kafka_jars(), ports["kafka"], ports["controller"]
        )
        part = self._started("kafka", server.start(detach=detach))
        await_broker(part, server.bootstrap_servers)
