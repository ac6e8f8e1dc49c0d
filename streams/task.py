"""A stream task: partition p of all inputs of one service, with that partition of its tables.

Deciding touches no Kafka. What is decided is a list of outputs and an overlay: the runner commits
the one and then joins the other, or drops both.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from streams.codec import Codec, Undecodable
from streams.entity import Entity, cause_of, message_of
from streams.envelope import Envelope
from streams.headers import EFFECT, headers_of
from streams.outcome import APPLIED
from streams.output import Output
from streams.partitioner import partition_of
from streams.record import Record
from streams.row import Row
from streams.rules import Effect, Message, Poison, Reference, Result
from streams.service import Input, Relay, Service, Stage
from streams.table import Overlay, TablePartition, Writes, next_due
from streams.turn import Surroundings, Told, Turn

WRONG_PARTITION = "WRONG_PARTITION"


@dataclass(frozen=True, slots=True)
class Owed:
    """An effect that a committed row owes, and the entity it belongs to."""

    table: str
    key: str
    effect: Effect


class StreamTask:
    """Decides the records, deadlines and effects' outcomes of one partition of one service.

    stepped: whether time moves by ticks only, which then also bound the times of inputs.
    """

    def __init__(
        self,
        service: Service,
        partition: int,
        codec: Codec,
        topics: Mapping[str, int],
        references: Mapping[str, Reference],
        *,
        stepped: bool,
    ) -> None:
        self.service = service
        self.partition = partition
        self.codec = codec
        self.topics = topics
        self.tables = {name: TablePartition(table) for name, (_, table) in service.tables.items()}
        self.changelogs = {table: service.changelog(table) for table in self.tables}
        self.inputs = service.inputs
        known = dict(references)
        self.around = {
            stage.name: Surroundings(service, stage.name, codec, topics, known)
            for stage in service.stages
        }
        self.stepped = stepped

    def stage_of(self, topic: str) -> str:
        """The name of the stage that reads a topic."""
        return self.inputs[topic][0].name

    def batch(self) -> Batch:
        """A new batch on the committed tables."""
        return Batch(self)

    def earliest(self) -> int | None:
        """The earliest deadline (ms) of all committed rows."""
        instants = [table.earliest() for table in self.tables.values()]
        return min((at for at in instants if at is not None), default=None)

    @property
    def owes(self) -> bool:
        """Whether any committed row owes an effect."""
        return any(table.with_effects for table in self.tables.values())

    def owed(self, table: str, key: str) -> list[Owed]:
        """The effects that a committed row owes, in their order (K-27)."""
        partition = self.tables[table]
        data = partition.rows.get(key)
        if data is None or key not in partition.with_effects:
            return []
        return [Owed(table, key, effect) for effect in partition.row(key).effects]


class Batch:
    """Some decisions of one stream task that are committed together."""

    def __init__(self, task: StreamTask) -> None:
        self.task = task
        self.overlay = Overlay(task.tables)
        self._around = task.around
        self.told: list[Told] = []
        """For metrics: what was emitted, and what became of inputs."""
        self.ready: list[Output] = []
        """What is decided and not yet handed out by `outputs`; the rows beside it."""
        self._changed: Writes = {}

    # --- inputs -------------------------------------------------------------------------------

    def record(self, record: Record, clock: int) -> None:
        """Decides one input at the worker's time `clock` (ms).

        It arrived, and its time is bound by, Kafka's timestamp; in stepped time, `clock`.
        """
        if self.task.stepped:
            record = msgspec.structs.replace(record, timestamp=clock)
        stage, item = self.task.inputs[record.topic]
        now = record.timestamp
        try:
            message = self._read(record, item)
            now = message.envelope.time
            turn = self._turn(stage, message.envelope, now, clock, record.timestamp)
            self._decide(stage, item, message, turn)
        except Exception as error:
            self._set_aside(stage, record, error, now, clock)
        else:
            self._keep(turn)

    def _read(self, record: Record, item: Input) -> Message:
        message = message_of(self.task.codec, record)
        if message.event is None and not item.tombstones:
            raise Undecodable("INVALID", "no value")
        demanded = message.key if message.event is None else item.key(message.event)
        if message.key != demanded:
            why = f"the key is {message.key!r}, its data demand {demanded!r}"
            raise Poison(WRONG_PARTITION, why)
        return message

    def _decide(self, stage: Stage, item: Input, message: Message, turn: Turn) -> None:
        if isinstance(stage.logic, Relay):
            self._check_partition(item, message)
            for send in stage.logic.relay(message):
                turn.send(send)
            turn.outcome(message, APPLIED, message.key, None, None)
            return
        entity = Entity(stage, stage.logic.entity(message), turn)
        if not entity.existed:
            self._check_partition(item, message)
        entity.take(message)

    def _check_partition(self, item: Input, message: Message) -> None:
        """A record lies where its partition key says (K-17)."""
        by = message.key if item.by is None or message.event is None else item.by(message.event)
        partitions = self.task.topics[message.topic]
        right = partition_of(by, partitions)
        if right != message.record.partition:
            raise Poison(
                WRONG_PARTITION,
                f"{by!r} belongs in partition {right} of {partitions},"
                f" not in {message.record.partition}",
            )

    def _set_aside(
        self,
        stage: Stage,
        record: Record,
        error: Exception,
        now: int,
        clock: int,
        entity: str | None = None,
    ) -> None:
        """Drops what a rule that raised left behind: `record` alone is a dead letter (K-3)."""
        turn = self._turn(stage, Envelope(record.coordinates, "", now), now, clock)
        turn.dead_letter(record, *cause_of(error), entity=entity)
        self._keep(turn)

    # --- deadlines and effects ----------------------------------------------------------------

    def preamble(self, clock: int) -> None:
        """What a worker sends before its first decision, dated `clock` (ms)."""
        service = self.task.service
        cause = Envelope(f"{service.name}/preamble", "", clock)
        turn = self._turn(service.stages[0], cause, clock, clock)
        for send in service.preamble:
            turn.send(send)
        self._keep(turn)

    def deadlines(
        self, until: int, clock: int, enough: Callable[[int], bool] = lambda fired: False
    ) -> int:
        """Fires the deadlines due at or before `until` (ms), in due order; says how many.

        enough: asked after each; whether it ends there, with the others for the next batch (K-4).
        """
        again: list[tuple[int, str, str]] = []
        fired = 0
        for at, name, key in self._in_due_order(until, again):
            if fired and enough(fired):
                break
            row = self.overlay.row(name, key)
            if row is None or next_due(row) != at:
                continue
            self._fire(name, key, row, at, clock)
            fired += 1
            after = self.overlay.row(name, key)
            following = None if after is None else next_due(after)
            if following is not None and following <= until:
                heapq.heappush(again, (following, name, key))
        return fired

    def _in_due_order(
        self, until: int, again: list[tuple[int, str, str]]
    ) -> Iterator[tuple[int, str, str]]:
        """What is due in all tables, and what comes `again` on the way, a heap."""

        def of(name: str, table: TablePartition) -> Iterator[tuple[int, str, str]]:
            for at, key in table.due(until):
                yield at, name, key

        for due in heapq.merge(*[of(name, table) for name, table in self.task.tables.items()]):
            while again and again[0] < due:
                yield heapq.heappop(again)
            yield due
        while again:
            yield heapq.heappop(again)

    def _fire(self, table: str, key: str, row: Row[Any], at: int, clock: int) -> None:
        """Fires what is due at `at`; what no rule can take is removed from the row (K-3)."""
        name = row.due_name(at)
        # Nobody's message: its id is what and when it is.
        cause = Envelope(f"{self.task.service.name}/{table}/{key}/{name}/{at}", "DEADLINE", at)
        if self._happened(table, key, cause, clock, lambda entity: entity.deadline(at)):
            return
        row.parked = [item for item in row.parked if item.until != at]
        if row.state is not None:
            left = {key: due for key, due in row.state.deadlines.items() if key != name}
            row.state = msgspec.structs.replace(row.state, deadlines=left)
        self._put(table, key, row)

    def settled(self, owed: Owed, result: Result, clock: int) -> None:
        """Takes the outcome of an effect, an input that never was in a topic (K-26)."""
        table, key, effect = owed.table, owed.key, owed.effect
        cause = Envelope(
            id=f"{effect.key}/settled",
            type=EFFECT,
            time=effect.at,
            correlation=effect.correlation,
            causation=effect.cause,
        )
        if self._happened(table, key, cause, clock, lambda entity: entity.settle(effect, result)):
            return
        row = self.overlay.row(table, key)
        if row is not None:
            row.effects = [owed for owed in row.effects if owed.key != effect.key]
            self._put(table, key, row)

    def _happened(
        self, table: str, key: str, cause: Envelope, clock: int, decide: Callable[[Entity], None]
    ) -> bool:
        """Whether an entity could take what never was a record: a deadline, an effect's outcome."""
        service = self.task.service
        stage = service.tables[table][0]
        turn = self._turn(stage, cause, cause.time, clock)
        topic, headers = f"{service.name}.{table}", headers_of(cause)
        letter = Record(topic, self.task.partition, -1, key.encode(), None, headers, cause.time)
        try:
            decide(Entity(stage, key, turn))
        except Exception as error:
            self._set_aside(stage, letter, error, turn.now, clock, key)
            return False
        self._keep(turn)
        return True

    def _put(self, table: str, key: str, row: Row[Any]) -> None:
        data = self._changed[table, key] = self.task.tables[table].table.pack(row)
        self.overlay.put(table, key, data)

    # --- what is committed ----------------------------------------------------------------------

    def _turn(self, stage: Stage, cause: Envelope, now: int, clock: int, arrived: int = 0) -> Turn:
        around, overlay = self._around[stage.name], self.overlay.nested()
        return Turn(around, overlay, cause, now, clock, arrived=arrived)

    def _keep(self, turn: Turn) -> None:
        self.told += turn.told
        self.ready += turn.outputs
        self._changed.update(turn.overlay.writes)
        self.overlay.merge(turn.overlay)

    def outputs(self) -> list[Output]:
        """What was decided since the last call: events, outcomes, dead letters, and rows.

        All of it together is what the transaction holds beside offsets. A row that has changed
        once more is there once more.
        """
        changelogs, partition = self.task.changelogs, self.task.partition
        found, self.ready = self.ready, []
        changed, self._changed = self._changed, {}
        found += [
            Output(changelogs[table], partition, key.encode(), data)
            for (table, key), data in changed.items()
        ]
        return found

    def touched(self) -> list[tuple[str, str]]:
        """Table and key of each row written: where effects may have become due."""
        return list(self.overlay.writes)

    def commit(self) -> None:
        """Joins the tables: only once the transaction is committed (K-1)."""
        self.overlay.commit()
