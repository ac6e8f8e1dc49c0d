"""What a worker says of its tables is what their changelogs hold (K-9, K-18)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Any
from urllib.request import urlopen

from stack.ports import free_ports
from streams.kafka.digest import digest
from tests.kernel.toy import PARTITIONS, Deposit
from tests.kernel.toy_kafka import ToyKafka, now_ms, one_round, wait

CHANGELOG = "bank.accounts.changelog"


def recomputed(toy: ToyKafka, partition: int, position: int) -> tuple[int, str]:
    """Rows and digest, as a plain consumer makes them of the log: nothing of the kernel's."""
    log: dict[bytes, bytes] = {}
    for record in toy.read(CHANGELOG):
        if record.partition == partition and record.offset < position:
            assert record.key is not None
            log.pop(record.key, None)
            if record.value is not None:
                log[record.key] = record.value
    found = blake2b(digest_size=16)
    for key in sorted(log):
        for part in (key, log[key]):
            found.update(len(part).to_bytes(4, "big"))
            found.update(part)
    return len(log), found.hexdigest()


def test_digest_depends_on_keys_and_values_and_where_one_ends_alone() -> None:
    assert digest({"a": b"1", "b": b"2"}) == digest({"b": b"2", "a": b"1"})
    different = [{}, {"a": b"1"}, {"a": b"2"}, {"b": b"1"}, {"a1": b""}, {"": b"a1"}, {"é": b"1"}]
    assert len({digest(rows) for rows in different}) == len(different)
    assert digest({}) == blake2b(digest_size=16).hexdigest()


def test_K_9_K_18_each_table_stands_as_its_changelog_up_to_the_position_told(
    toy: ToyKafka,
) -> None:
    """Asked while it works; rows that are removed among them."""
    (port,) = free_ports(1)
    part = toy.start(SX_METRICS_PORT=str(port), SX_DEADLINE_GRACE_S="0", SX_SHORT_GRACE="1")
    names = [f"account-{n}" for n in range(200)]
    seen: list[dict[str, Any]] = []

    def asked() -> list[dict[str, Any]]:
        try:
            with urlopen(f"http://127.0.0.1:{port}/tables", timeout=20) as answer:
                assert answer.headers["Content-Type"] == "application/json"
                found: list[dict[str, Any]] = json.load(answer)
        except OSError:  # not up yet, or 503: it cannot say so now
            return []
        seen.extend(found)
        return found

    for at in range(5):
        toy.publish("toy.deposits", *(Deposit(account=n, amount=at) for n in names))
        asked()
    toy.publish("toy.deposits", *(Deposit(account=n, amount=1, wait=True) for n in "xyz"))
    toy.publish("toy.deposits", Deposit(account="x", amount=1, closes_after=now_ms()))
    wait(lambda: len(toy.read("toy.balances")) >= 1002 and len(asked()) == PARTITIONS, part)
    assert {told["partition"] for told in seen} == set(range(PARTITIONS))
    for told in seen:
        assert (told["table"], told["changelog"]) == ("accounts", CHANGELOG)
        rows = recomputed(toy, told["partition"], told["position"])
        assert (told["rows"], told["digest"]) == rows
    assert sum(told["rows"] for told in seen[-PARTITIONS:]) >= 200


def test_digest_is_taken_between_batches_in_the_thread_that_commits(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    worker = toy.worker()
    with toy.opened(worker), ThreadPoolExecutor(1) as pool:
        work = None
        while work is None:
            work = worker.take()
        asking = pool.submit(worker.standings.ask)
        work.decide()
        assert worker.commit(work)
        assert not asking.done()
        while not asking.done():
            one_round(worker)
        assert sum(told["rows"] for told in json.loads(asking.result())) == 1
