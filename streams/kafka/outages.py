"""A broker that is away is waited for, whoever meets it; said in log and metrics (K-29).

So is what the codec lacks, a schema registry for one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from streams.codec import Unavailable
from streams.kafka.exits import DENIED, ExitCode, Stop
from streams.kafka.metrics import Metrics
from streams.kafka.reader import Place
from streams.kafka.settings import Connection

log = logging.getLogger(__name__)

R = TypeVar("R")
CONSUMER = "the consumer"
CALL_S = 3.0
"""After so long without an answer a call is made again, and said to wait."""
_AGAIN_S = 0.2
LACKING = "what the codec lacks"
_SAY_S = 10.0

_REFUSED = (*DENIED, KafkaError.UNSUPPORTED_VERSION, KafkaError._INVALID_ARG)
"""What no waiting mends."""


def passing(error: KafkaError) -> bool:
    """Whether a question to the broker that failed so may well be answered when asked again."""
    return not error.fatal() and error.code() not in _REFUSED


class Outages:
    """Who of this worker waits for the broker, and since when (s). Used from several threads."""

    def __init__(self, metrics: Metrics, stopping: threading.Event) -> None:
        self.metrics = metrics
        self.stopping = stopping
        self.ended = 0
        """How many outages are over."""
        self._waiting: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    @property
    def away(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    def missed(self, who: str, why: str, what: str = "the broker") -> None:
        """Somebody has no answer; an outage, unless another waits already."""
        now = time.monotonic()
        with self._lock:
            if not self._waiting:
                self.metrics.outages.inc()
            since, said = self._waiting.get(who, (now, now - _SAY_S))
            if now - said >= _SAY_S:
                said = now
                log.warning("%s waits for %s since %.0f s: %s", who, what, now - since, why)
            self._waiting[who] = since, said

    def answered(self, who: str) -> None:
        """Somebody goes on."""
        with self._lock:
            since, _ = self._waiting.pop(who, (None, None))
            self.ended += since is not None and not self._waiting
        if since is not None:
            log.warning("%s goes on after %.1f s", who, time.monotonic() - since)

    def waited(self, who: str) -> float:
        """For how long (s) somebody has had no answer."""
        now = time.monotonic()
        return now - self._waiting.get(who, (now, now))[0]

    def check(self) -> None:
        """Raises `Stop` (STOPPED) where the worker was asked to stop: for who would wait on."""
        if self.stopping.is_set():
            raise Stop(ExitCode.STOPPED, "stopped while waiting")

    def waits(self, who: str, why: str, seconds: float) -> None:
        """Somebody has waited for so long, and goes on; for long, that is an outage. May raise."""
        if seconds > CALL_S:
            self.missed(who, why)
        self.check()

    def again(
        self, who: str, call: Callable[[], R], may: Callable[[KafkaError], bool] = passing
    ) -> R:
        """Makes a call until it is answered, or fails in a way that `may` not pass."""
        try:
            while True:
                try:
                    return call()
                except KafkaException as error:
                    if not may(error.args[0]):
                        raise
                    self.missed(who, error.args[0].str())
                except Unavailable as error:
                    self.missed(who, str(error), LACKING)
                self.check()
                time.sleep(_AGAIN_S)
        finally:
            self.answered(who)


class Silence:
    """A consumer that hears nothing while brokers answer others never will again (K-29).

    Neither of anything, nor of a partition whose leader answers others. Met with librdkafka 2.16
    after the only broker was away (its issue 5280): it asks nobody. answers: whether a broker, or
    the leader of a partition, answers a client that is made for it.
    """

    def __init__(
        self, outages: Outages, answers: Callable[[Place | None], bool], longest_s: float
    ) -> None:
        self._outages = outages
        self._answers = answers
        self._longest_s = longest_s
        self._since: float | None = None
        self._ended = outages.ended
        self._mute: dict[tuple[Place, int], float] = {}

    def check(self, mute: Iterable[tuple[Place, int]] = ()) -> None:
        """Raises `Stop` (TRANSACTION_LOST) after so long.

        mute: partitions that bring nothing though there may be more, each with how far it is read;
        since when is counted anew after an outage.
        """
        if self._ended != self._outages.ended:
            self._ended, self._mute = self._outages.ended, {}
        if self._outages.waited(CONSUMER) >= _SAY_S:
            self._mute = {}
            self._all_are_mute()
            return
        self._since = None
        now = time.monotonic()
        self._mute = {each: self._mute.get(each, now) for each in mute}
        for ((topic, partition), offset), since in self._mute.items():
            if now - since < self._longest_s:
                continue
            if self._answers((topic, partition)):
                raise _deaf(f" of {topic} partition {partition} from {offset} on", now - since)
            self._mute[(topic, partition), offset] = now

    def _all_are_mute(self) -> None:
        if not self._answers(None):
            self._since = None
            return
        self._since = self._since or time.monotonic()
        if time.monotonic() - self._since >= self._longest_s:
            raise _deaf("", self._outages.waited(CONSUMER))


def _deaf(of: str, seconds: float) -> Stop:
    return Stop(
        ExitCode.TRANSACTION_LOST,
        f"the consumer has heard nothing{of} for {seconds:.0f} s, and brokers answer others;"
        " nothing is lost, start this worker again",
    )


def answers(connection: Connection, place: Place | None = None) -> bool:
    """Whether a broker answers a client that is made for it; of a partition, its leader."""
    admin = AdminClient(dict(connection))
    try:
        if place is None:
            admin.list_topics(timeout=CALL_S)
        else:
            latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
            asked = admin.list_offsets({TopicPartition(*place): latest}, request_timeout=CALL_S)
            return all(told.result().offset >= 0 for told in asked.values())
    except KafkaException:
        return False
    return True
