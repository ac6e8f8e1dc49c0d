"""One worker, without Faust: take a batch, have it decided, commit it.

Consumer and reference reader are called from one thread, one call after the other, and deciding
happens between them, in another. So rebalance callbacks never meet an open batch, and no rule a
half-read reference table. The producer is called from whichever of the two is at work: what of a
large batch goes early is produced as it is decided.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from functools import partial

from streams.codec import Unavailable
from streams.kafka.assignment import Assignment, offsets
from streams.kafka.breaker import Breaker
from streams.kafka.digest import Standings
from streams.kafka.effects import EffectRunner
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.inputs import Inputs
from streams.kafka.lag import InputEnds
from streams.kafka.metrics import Metrics
from streams.kafka.outages import LACKING, Outages, Silence, answers
from streams.kafka.references import References
from streams.kafka.restore import Restorer
from streams.kafka.running import Running
from streams.kafka.topics import found_and_checked, named
from streams.kafka.transaction import Aborted, OutcomeUnknown, Step
from streams.kafka.wiring import Wiring
from streams.kafka.work import Part, Work
from streams.outcome import DEAD_LETTERED
from streams.rules import Failed, Retry
from streams.task import StreamTask

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 0.5
_DECIDING = "deciding"
_LACKS_S = 0.5
_LISTENS_S = 2.0
"""So long who has lost its producer hears what the group has to say before it makes another.

Who was frozen is told that it lost its place by the first heartbeat after it has woken (K-13).
"""
_SMALL = 500
"""Records of a batch whose transaction is over sooner than the broker has marked the last one."""
_NOTHING_LEFT_S = 10.0
"""After so long without any partition there is none for us: more workers than partitions."""


class Worker:
    """The Kafka half of one worker of a service."""

    GIVES_UP_S = 60.0
    """It ends after so long without a commit, or a word from a broker that answers others."""
    TIDIES_S = 10.0
    """After so long without a batch it commits what offsets are left to commit."""

    def __init__(self, wiring: Wiring) -> None:
        service, settings = wiring.service, wiring.settings
        self.metrics = Metrics(service.name)
        self.stopping = threading.Event()
        self._wiring = wiring
        self._service = service
        self._settings = settings
        self._clock = wiring.clock
        self._effects = EffectRunner(wiring.carriers)
        self.outages = Outages(self.metrics, self.stopping)
        connection = settings.connection()
        self.silence = Silence(self.outages, partial(answers, connection), self.GIVES_UP_S)
        self._ends = InputEnds(settings.names, self.metrics, self.outages, self._clock)
        self._breaker = Breaker(settings.breaker_wait_s)
        self.standings = Standings(service, settings)
        self._grace_ms = 0 if self._clock.stepped else settings.grace_ms(service.deadline_grace_ms)
        self._failing: float | None = None
        self._open = False
        self._small = False
        self._listens_until = 0.0
        self._rests_since = time.monotonic()
        self._over = False
        self._preamble = bool(service.preamble)

    # --- start and end ------------------------------------------------------------------------

    def open(self) -> None:
        """Checks, fences an earlier process of this instance, reads references, joins the group."""
        settings, service, clock = self._settings, self._service, self._clock
        found = self.outages.again("start", lambda: found_and_checked(self._wiring, self.stopping))
        self.outages.again("start", self._wiring.prepare)
        topics = named(settings.names, found, [service])
        self.references = References(self._wiring, self.outages)
        self._transactions = self._wiring.transactions(self._wiring, self.outages, found)
        self._introduce()
        # Before all others: its time bounds that of their records.
        self.outages.again("the clock", lambda: clock.open(self.outages.check))
        self.references.open(found)

        def new(partition: int) -> StreamTask:
            codec, tables = self._wiring.codec, self.references.tables
            return StreamTask(service, partition, codec, topics, tables, stepped=clock.stepped)

        reached = self._transactions.reached
        restorer = Restorer(service, settings, self.outages, lambda: reached(Step.RESTORING))
        self.assignment = Assignment(
            service,
            settings.names,
            restorer,
            new,
            self.metrics,
            self._breaker,
            topics[next(iter(service.inputs))],
            clock.steady,
            lambda: reached(Step.REVOKING),
        )
        self.inputs = Inputs(self._wiring, self.assignment, self._ends)
        self._open = True

    def _introduce(self) -> None:
        """Has a producer, also where the first is fenced by one that was not answered (K-29)."""
        while True:
            with suppress(OutcomeUnknown):
                return self._transactions.open()

    def ready(self) -> bool:
        """Whether it has its place in the group and all that it holds runs."""
        if not self._open:
            return False
        alone = time.monotonic() - self.inputs.joined > _NOTHING_LEFT_S
        return (self.assignment.placed or alone) and self.assignment.waiting == 0

    def close(self) -> None:
        """Leaves, with everything committed that was decided."""
        self.abandon()
        if not self._open:
            return
        self.assignment.close()
        self.inputs.consumer.close()
        self.references.close()
        self._clock.close()

    def abandon(self) -> None:
        """Begins nothing more, effects neither: who is fenced may not be the one who owes them."""
        self.stopping.set()
        self._effects.close()

    # --- take ---------------------------------------------------------------------------------

    def take(self) -> Work | None:
        """The next batch, None where there is nothing to decide. Serves rebalances."""
        if self._small:
            self._transactions.rest()
        try:
            self._clock.read()
            self.references.read()
        except Unavailable as error:
            self._wait_for_codec(error)
            self.inputs.refresh_metadata()
            return None
        self.outages.answered(_DECIDING)
        self.inputs.poll()
        self.assignment.advance(self.inputs.consumer)
        running = self.assignment.running
        self.standings.answer([task.task for task in running.values()])
        if self._ends.observe(self.assignment, self.inputs.reached):
            self._measure()
            self.silence.check(self._ends.mute)
            for topic in self._breaker.due(time.monotonic()):
                log.warning("%s is tried again", topic)
                self.assignment.flow(self.inputs.consumer)
        if time.monotonic() < self._listens_until:
            return None
        if parts := self._parts():
            now = self._clock.now()
            early, metadata = self._transactions.early, self.inputs.metadata
            most = self.inputs.room
            return Work(parts, metadata, now, most, early, self._preamble)
        if self._clock.caught_up:
            self._clock.tell(running, self.references.reading())
        return None

    def _parts(self) -> list[Part]:
        clock, running = self._clock, self.assignment.running
        parts = {partition: Part(task) for partition, task in running.items()}
        for task, owed, attempt in self._effects.answered(self.inputs.room):
            if isinstance(attempt, Failed) or (isinstance(attempt, Retry) and attempt.asked):
                self.metrics.effect_failures.labels(owed.effect.target).inc()
                self._effects.failed(owed, attempt)
            if running.get(task.task.partition) is task:
                result = task.effects.attempted(owed, attempt, clock.steady())
                if result is not None:
                    parts[task.task.partition].settled.append((owed, result))
        if clock.caught_up:
            taken = self.inputs.take()
            for partition, part in parts.items():
                part.until = self._until(part.running)
                self._effects.start(part.running, clock.steady())
                part.records = taken[partition]
            self._tidy(parts.values())
        return [part for part in parts.values() if part]

    def _tidy(self, parts: Collection[Part]) -> None:
        """Has those that are at rest commit where they go on behind markers (K-31)."""
        now = time.monotonic()
        if self._clock.stepped or any(parts):
            self._rests_since = now
        elif now - self._rests_since > self.TIDIES_S:
            for part in parts:
                part.tidies = bool(part.running.beyond())
            self._rests_since = now

    def _until(self, running: Running) -> int | None:
        """Up to when (ms) deadlines fire now, None for none."""
        earliest = running.task.earliest()
        if not self._clock.stepped:
            until = min(self._clock.now() - self._grace_ms, self._ends.read_until(running))
        elif running.ticked == self._clock.seq:
            return None
        else:
            until = self._clock.now()
            if earliest is None or earliest > until:
                running.ticked = self._clock.seq
        return None if earliest is None or earliest > until else until

    def _measure(self) -> None:
        """Tells of the state that is held, before its size ends the process (K-22)."""
        tasks = [running.task for running in self.assignment.running.values()]
        aside = [running.task for running in self.assignment.aside.values()]
        size = self.metrics.state(tasks, aside, self._clock.now() - self._grace_ms)
        limit = self._settings.state_limit_bytes
        over = limit is not None and size > limit
        if over and not self._over:
            log.error("tables hold %s bytes of rows, SX_STATE_LIMIT_BYTES is %s", size, limit)
        self._over = over
        self.metrics.over_limit.set(over)

    # --- commit -------------------------------------------------------------------------------

    def commit(self, work: Work) -> bool:
        """Commits what was decided; False where it has to be decided again (K-6)."""
        positions = offsets(self._settings.names, work.positions())
        try:
            if work.lacks is not None:
                self._transactions.drop()
                self._wait_for_codec(work.lacks)
                return self._keep_what_is_ours(work)
            self._transactions.commit(work.outputs(), positions, work.metadata)
        except Aborted as aborted:
            self.metrics.aborted.inc()
            self._give_up_after(aborted)
            work.ask_for_less()
            return self._keep_what_is_ours(work)
        except OutcomeUnknown as unknown:
            self.metrics.aborted.inc()
            self._give_up_after(unknown)
            touched = [part.running.task.partition for part in work.parts]
            self.assignment.reload(self.inputs.consumer, touched)
            self.inputs.decided(work.decided // 4, time.monotonic() - work.began)
            if self._transactions.lost:
                self._listens_until = time.monotonic() + _LISTENS_S
            return True
        self._preamble = False
        self._failing = None
        for part in work.parts:
            self._committed(part)
        self.inputs.decided(work.decided, time.monotonic() - work.began)
        self._small = work.decided < _SMALL
        self._count(work)
        return True

    def _committed(self, part: Part) -> None:
        running, batch = part.running, part.batch
        assert batch is not None
        touched = batch.touched()
        batch.commit()  # step 6
        for (topic, _), offset in part.positions().items():
            running.position[topic] = offset
        running.sent = True
        running.effects.committed(touched)  # step 7
        for record in reversed(part.records[part.decided :]):
            running.queues[record.topic].give_back(record)
        self._ends.decided(running, part.last)

    def _wait_for_codec(self, why: Unavailable) -> None:
        """Waits a moment for what the codec lacks; the batch, and our place, are kept meanwhile."""
        self.outages.missed(_DECIDING, str(why), LACKING)
        self.outages.check()
        self.stopping.wait(_LACKS_S)

    def _give_up_after(self, why: Aborted | OutcomeUnknown) -> None:
        """Raises `Stop` after SIGTERM, or after 60 s without a commit.

        Met with librdkafka 2.16: a consumer that has lost its place may never ask for another.
        """
        self.outages.check()
        self._failing = self._failing or time.monotonic()
        if time.monotonic() - self._failing > self.GIVES_UP_S:
            raise Stop(
                ExitCode.TRANSACTION_LOST,
                f"every transaction for {self.GIVES_UP_S:.0f} s was aborted: {why};"
                " nothing is lost, start this worker again",
            )

    def _keep_what_is_ours(self, work: Work) -> bool:
        """After an abort: serves a rebalance, drops what it took; says if none is left."""
        if self._failing is not None:  # the first may be a rebalance: at once, then ever longer
            time.sleep(min(time.monotonic() - self._failing, _LONGEST_PAUSE_S))
        self.inputs.refresh_metadata()
        running = self.assignment.running
        work.parts = [p for p in work.parts if running.get(p.running.task.partition) is p.running]
        work.metadata = self.inputs.metadata
        if not work.parts:
            self._failing = None
        return not work.parts

    def _count(self, work: Work) -> None:
        seen: Counter[str] = Counter()
        dead: Counter[str] = Counter()
        for part in work.parts:
            assert part.batch is not None
            for topic, seconds in part.seconds.items():
                seen[topic] += len(seconds)
                self.metrics.decided(part.running.task.stage_of(topic), seconds)
            told = Counter(part.batch.told)
            self.metrics.tallies(told)
            for (_, kind, topic, _cause), count in told.items():
                if kind == DEAD_LETTERED and topic in self._service.inputs:
                    dead[topic] += count  # those of deadlines and effects come from no topic
        opened, closed = self._breaker.count(seen, dead, time.monotonic())
        for topic in opened:
            log.critical("too many dead letters: %s is paused for a while", topic)
            self.metrics.paused.labels(topic).set(1)
            self.assignment.flow(self.inputs.consumer)
        for topic in closed:
            log.warning("%s goes on", topic)
            self.metrics.paused.labels(topic).set(0)
