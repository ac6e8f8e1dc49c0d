"""Producers that follow one that was given up, and may be fenced by it (K-13, K-29)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.transaction import Transactions
from tests.kernel.test_batch import accounts, balances
from tests.kernel.toy import Deposit
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, run

Client = dict[str, Any]


class Deaf:
    """A producer whose coordinator does not answer it any more."""

    def __init__(self, real: Producer, client: Client) -> None:
        self._real = real
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def send_offsets_to_transaction(self, *_: Any) -> None:
        time.sleep(0.2)
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, retriable=True))


class Hanging(Deaf):
    """A producer of which a call never returns, so that it lives on beside its heir."""

    def send_offsets_to_transaction(self, *_: Any) -> None:
        threading.Event().wait()


class Haunted(Deaf):
    """An heir once it has begun: the one before bumps the epoch, as librdkafka does by itself."""

    def send_offsets_to_transaction(self, *arguments: Any) -> None:
        Producer(self._client).init_transactions(WITHIN_S)
        self._real.send_offsets_to_transaction(*arguments)


class Forestalled(Deaf):
    """An heir that is fenced as it introduces itself."""

    def init_transactions(self, *_: Any) -> None:
        raise KafkaException(KafkaError(KafkaError._FENCED, fatal=True))


class Unheard(Deaf):
    """One that is not answered as it introduces itself."""

    def init_transactions(self, *_: Any) -> None:
        time.sleep(0.2)
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, retriable=True))


class Following(Transactions):
    """Its producers are of `kinds`, one after the other, then real ones; how many were `made`."""

    DEAF_S = 0.5
    kinds: ClassVar[tuple[Callable[[Producer, Client], Any], ...]] = ()
    made: ClassVar[int] = 0

    @classmethod
    def new(cls, client: Client) -> Any:
        cls.made += 1
        real = Producer(client)
        return cls.kinds[cls.made - 1](real, client) if cls.made <= len(cls.kinds) else real


def test_K_29_a_producer_that_hears_nothing_where_others_are_answered_has_another_follow_it(
    toy: ToyKafka,
) -> None:
    """A broker that answers nobody is waited for, with the same producer."""

    class DeafAtFirst(Following):
        kinds = (Deaf,)
        heard: ClassVar[list[bool]] = [False, False]

        def answers(self) -> bool:
            return self.heard.pop() if self.heard else super().answers()

    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=DeafAtFirst)) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert DeafAtFirst.made == 2
    assert DeafAtFirst.heard == []
    assert [event.balance for event in balances(toy)] == [1]


@pytest.mark.parametrize("before", [(), (Deaf,)], ids=["the first", "an heir"])
def test_K_29_a_producer_that_is_not_answered_as_it_introduces_itself_has_another_follow_it(
    toy: ToyKafka, before: tuple[type[Deaf], ...]
) -> None:
    class UnheardAtFirst(Following):
        kinds = (*before, Unheard)

    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=UnheardAtFirst)) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert UnheardAtFirst.made == len(before) + 2
    assert [event.balance for event in balances(toy)] == [1]


def test_K_29_an_heir_that_is_fenced_at_the_start_has_another_follow_it(toy: ToyKafka) -> None:
    """The first was not answered, and fences its heir once it is."""

    class FencedAtFirst(Following):
        kinds = (Unheard, Forestalled)

    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=FencedAtFirst)) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert FencedAtFirst.made == 3
    assert [event.balance for event in balances(toy)] == [1]


@pytest.mark.parametrize("first", [Hanging, Deaf], ids=["in a call", "as it aborts"])
@pytest.mark.parametrize("heir", [Haunted, Forestalled], ids=["has begun", "introduces itself"])
def test_K_29_who_is_fenced_by_the_producer_it_gave_up_has_another_follow_it(
    toy: ToyKafka, first: type[Deaf], heir: type[Deaf]
) -> None:
    """A call that never returns keeps it alive; an abort that bumps the epoch goes on by itself."""

    class GivenUpAtFirst(Following):
        kinds = (first, heir)

    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=GivenUpAtFirst)) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert GivenUpAtFirst.made == 3
    assert [event.balance for event in balances(toy)] == [1]


def test_K_13_who_is_fenced_as_it_introduces_itself_says_that_another_works(
    toy: ToyKafka,
) -> None:
    class Late(Following):
        kinds = (Forestalled,)

    with pytest.raises(Stop) as stopped:
        toy.worker(transactions=Late).open()
    assert stopped.value.code is ExitCode.FENCED
