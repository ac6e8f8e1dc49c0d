"""Sends records for commands: idempotent, acknowledged by every replica, partition given."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from cli.broker import Broker
from cli.errors import CommandError
from streams.kafka.settings import PLAIN_PRODUCER
from streams.record import Headers

_DELIVERED_WITHIN_S = 60


class Sender:
    """Sends records in order. Leaving the context waits until all are acknowledged.

    Raises `CommandError` that says how many were, where one is not.
    """

    def __init__(self, broker: Broker) -> None:
        self._producer = Producer(
            {
                **broker.settings,
                **PLAIN_PRODUCER,
                "linger.ms": 5,
                "delivery.timeout.ms": _DELIVERED_WITHIN_S * 1000,
            }
        )
        self.delivered = 0
        self._failed: KafkaError | None = None

    def send(
        self, name: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> None:
        """Sends one record to a topic by its full name."""
        while True:
            try:
                self._producer.produce(
                    name,
                    value=value,
                    key=key,
                    headers=list(headers),
                    partition=partition,
                    on_delivery=self._delivery,
                )
                break
            except BufferError:
                self._producer.poll(0.5)
            except KafkaException as error:
                raise self._error(error.args[0]) from error
        self._producer.poll(0)
        self._check()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        left = self._producer.flush(_DELIVERED_WITHIN_S if error is None else 1)
        if error is None:
            self._check()
            if left:
                raise CommandError(
                    f"{left} records were not acknowledged in time; {self.delivered} were"
                )

    def _delivery(self, error: KafkaError | None, _message: Message) -> None:
        if error is None:
            self.delivered += 1
        elif self._failed is None:
            self._failed = error

    def _check(self) -> None:
        if self._failed is not None:
            raise self._error(self._failed)

    def _error(self, error: KafkaError) -> CommandError:
        return CommandError(
            f"the broker took {self.delivered} records, then: {error.str()}. Records with an id may"
            " be published again without harm: whoever has them already passes them over (ED-1)"
        )
