"""A broker that its controller does not take for dead while the machine is busy with others.

After 2 s without a heartbeat, as the local stack has it (K-29), the only broker leads nothing for a
moment; a commit of that moment leaves partitions without its marker, so that nobody ever reads what
it committed there (met with Kafka 4.4.0). Where no broker is killed or paused, nothing is lost by
waiting for longer.
"""

from __future__ import annotations

from stack.kafka import Kafka

PATIENCE = {"broker.session.timeout.ms": "60000"}
READY_WITHIN_S = 120.0


class PatientKafka(Kafka):
    """The local stack's broker, but for that."""

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        if main_class == "kafka.Kafka":
            for name, value in PATIENCE.items():
                arguments += ("--override", f"{name}={value}")
        return super()._java(main_class, *arguments)
