"""What a batch commits of its inputs: `streams.kafka.work`."""

from __future__ import annotations

from streams.kafka.running import Running
from streams.kafka.work import Part
from streams.task import StreamTask
from tests.rules.streams.toy import TOPICS, ToyCodec, jars


def test_K_12_a_batch_without_records_sends_an_offset_by_which_its_member_is_checked() -> None:
    """A transaction without any would commit whoever the member is by now."""
    task = StreamTask(jars(), 1, ToyCodec(), TOPICS, {}, stepped=False)
    running = Running(task, position={"coins": 7, "answers": 3}, ends={"coins": 7, "answers": 3})
    running.begin(0)
    fires = Part(running, until=1)
    assert fires.positions() == {("coins", 1): 7, ("answers", 1): 3}, "once all"
    running.sent = True
    assert fires.positions() == {("coins", 1): 7}
