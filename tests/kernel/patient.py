"""What a busy machine needs of a broker that nobody kills.

After so long without a heartbeat the only broker leads nothing for a moment; a commit of that
moment may leave partitions without its marker, so that nobody ever reads what it committed there
(met with Kafka 4.4.0).
"""

from stack.kafka import Node

PATIENT = Node(session_ms=60_000)
READY_WITHIN_S = 120.0
