"""What a worker is made of: put together by whoever starts one, taken as it is by all the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from streams.codec import Codec
from streams.kafka.clock import Clock
from streams.kafka.settings import KafkaSettings
from streams.kafka.transaction import Transactions
from streams.rules import Carrier
from streams.service import Service


@dataclass(frozen=True)
class Wiring:
    """A service with all that it needs to run as a worker.

    carriers: who carries out its effects, by target. writes: the topics that its rules send to,
    checked at start beside inputs and own topics. transactions: how it commits. prepare: what has
    to be done before it starts; waited for while it raises `Unavailable`. clock: its time, the
    wall's unless another is handed in.
    """

    service: Service
    codec: Codec
    carriers: Mapping[str, Carrier]
    settings: KafkaSettings
    writes: Sequence[str] = ()
    transactions: type[Transactions] = Transactions
    prepare: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)
