"""Effects on a real broker: a slow one holds up nobody else, and those of one keep order (K-27)."""

from __future__ import annotations

import pytest

from streams.kafka.wiring import Wiring
from streams.kafka.worker import Worker
from streams.rules import Attempt, Effect, Retry
from tests.kernel.test_batch import accounts
from tests.kernel.toy import BANK, Deposit, Receipted
from tests.kernel.toy_kafka import CODEC, Receipts, ToyKafka, run


def test_K_27_a_slow_target_holds_up_neither_others_nor_the_stream(toy: ToyKafka) -> None:
    """More attempts at the slow one stall than a target has threads."""
    slow, quick = Receipts(), Receipts()
    slow.open.clear()
    worker = Worker(Wiring(BANK, CODEC, {"slow": slow, "receipt": quick}, toy.settings()))

    def receipted() -> set[str]:
        return {e.account for e in toy.events("toy.balances") if isinstance(e, Receipted)}

    stalled = {f"slow-{n}" for n in range(12)}
    toy.publish(
        "toy.deposits",
        *(Deposit(account=n, amount=1, receipt=True, by="slow") for n in sorted(stalled)),
    )
    try:
        with toy.opened(worker):
            run(worker, lambda: bool(slow.keys))
            toy.publish("toy.deposits", Deposit(account="quick", amount=1, receipt=True))
            run(worker, lambda: receipted() == {"quick"})
            toy.publish("toy.deposits", *(Deposit(account=n, amount=2) for n in sorted(stalled)))
            run(worker, lambda: {accounts(worker)[n].balance for n in stalled} == {3})
            assert receipted() == {"quick"}
            slow.open.set()
            run(worker, lambda: receipted() == {"quick", *stalled})
    finally:
        slow.open.set()


def test_K_27_why_an_effect_fails_is_said_once_for_many(
    toy: ToyKafka, caplog: pytest.LogCaptureFixture
) -> None:
    """A carrier that raises is one that fails: what it raised is said, too."""

    class Raises(Receipts):
        def carry(self, effect: Effect) -> Attempt:
            super().carry(effect)
            raise OSError("ana@example.com is away")

    raises = Raises()
    worker = Worker(Wiring(BANK, CODEC, {"receipt": raises}, toy.settings()))
    toy.publish("toy.deposits", *(Deposit(account=n, amount=1, receipt=True) for n in "abc"))
    with toy.opened(worker):
        run(worker, lambda: len(raises.keys) >= 3)
        run(worker, lambda: "fails" in caplog.text)
    said = [record.getMessage() for record in caplog.records if "fails" in record.getMessage()]
    assert len(said) == 1
    assert said[0].startswith("receipt fails, ")
    assert said[0].endswith("/1: OSError"), "what a target says may name a customer (ED-18)"


class Stubborn(Receipts):
    """Wants to be asked three times for the first one."""

    def carry(self, effect: Effect) -> Attempt:
        done = super().carry(effect)
        return Retry("not yet") if len(self.keys) < 3 else done


def test_K_27_what_is_to_keep_order_waits_for_the_one_before_it(toy: ToyKafka) -> None:
    """Another entity's, and one that may overtake, do not."""
    stubborn, other = Stubborn(), Receipts()
    worker = Worker(Wiring(BANK, CODEC, {"receipt": stubborn, "other": other}, toy.settings()))
    strict = [Deposit(account="a", amount=1, receipt=True, strict=True) for _ in range(3)]
    toy.publish("toy.deposits", *strict)
    toy.publish("toy.deposits", Deposit(account="b", amount=1, receipt=True, by="other"))
    with toy.opened(worker):
        run(worker, lambda: len(stubborn.keys) == 5)
        run(worker, lambda: other.keys == ["b/1"])
    assert stubborn.keys == ["a/1", "a/1", "a/1", "a/2", "a/3"]
