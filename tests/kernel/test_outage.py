"""The broker is away: K-7, K-29. On a broker of these tests' own.

A coordinator cannot move where there is one node: it goes and comes back with the broker.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import pytest

from stack.ports import free_ports
from streams.kafka.exits import ExitCode
from streams.kafka.settings import TRANSACTION_TIMEOUT_MS
from streams.kafka.transaction import Step, Transactions
from streams.kafka.worker import Worker
from tests.kernel.own_broker import CLEANUP_MS, OwnBroker
from tests.kernel.test_batch import ACCOUNTS, accounts, balances, committed, deposits
from tests.kernel.toy import Deposit, Rate
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, turning, wait

LONG_S = (TRANSACTION_TIMEOUT_MS + CLEANUP_MS) / 1000 + 1
"""Longer than a transaction may last, and than until the broker looks for such ones."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    broker = OwnBroker(tmp_path_factory.mktemp("own"))
    yield broker
    broker.close()


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[OwnBroker]:
    """Not fenced while it is frozen: else, the only one, it ends transactions without markers."""
    broker = OwnBroker(tmp_path / "patient", session_ms=60_000)
    yield broker
    broker.close()


@pytest.fixture(scope="module")
def servers(own: OwnBroker) -> str:
    return own.servers


def toy_on(own: OwnBroker, folder: Path) -> ToyKafka:
    toy = ToyKafka(own.servers, f"t{secrets.token_hex(3)}-", folder)
    toy.create_topics()
    return toy


def each_once(toy: ToyKafka, total: int) -> None:
    """Every deposit counts once, in the events as in the offsets; `deposits` made them."""
    found = balances(toy)
    for account in ACCOUNTS:
        mine = [event.count for event in found if event.account == account]
        assert mine == list(range(1, total // len(ACCOUNTS) + 1))
    assert sum(committed(toy, "toy.deposits").values()) == total


class Watched(Transactions):
    """Transactions at one of whose steps something happens, once; `happened`: it was got to."""

    happened: ClassVar[bool] = False


def at(step: Step, happens: Callable[[], None]) -> type[Watched]:
    class Once(Watched):
        def reached(self, step_now: Step) -> None:
            if step_now is step and not Once.happened:
                Once.happened = True
                happens()

    return Once


def later(seconds: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


def decided(worker: Worker) -> int:
    return sum(state.count for state in accounts(worker).values())


def counted(worker: Worker, name: str) -> float:
    return worker.metrics.registry.get_sample_value(f"sx_{name}_total") or 0


@pytest.mark.parametrize("ended", ["killed", "stopped"])
def test_K_29_a_broker_that_restarts_is_waited_for(
    toy: ToyKafka, own: OwnBroker, ended: str
) -> None:
    """On a machine that is very busy the client may stay deaf, or crash (librdkafka's issue 5280):
    then the worker ends, to be started again."""
    (port,) = free_ports(1)
    part = toy.start(SX_METRICS_PORT=str(port))
    toy.publish("toy.deposits", *deposits(2000))
    wait(lambda: bool(toy.read("toy.balances")), part)
    own.kill() if ended == "killed" else own.stop()
    wait(lambda: "waits for the broker" in part.log.read_text(), part)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/live", timeout=WITHIN_S) as answer:
        assert answer.status == 200
    own.start()
    toy.publish("toy.deposits", *deposits(2000))
    wait(lambda: len(toy.read("toy.balances")) >= 4000 or not part.alive(), part)
    if not part.alive():
        if (code := part.wait(WITHIN_S)) != 128 + signal.SIGSEGV:
            assert code == ExitCode.TRANSACTION_LOST
            assert "start this worker again" in part.log.read_text()
        part = toy.start()
        wait(lambda: len(toy.read("toy.balances")) >= 4000, part)
        each_once(toy, 4000)
        return
    each_once(toy, 4000)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=WITHIN_S) as answer:
        assert re.search(rb"^sx_broker_outages_total [1-9]", answer.read(), re.MULTILINE)
    wait(lambda: "goes on after" in part.log.read_text(), part)


def test_K_7_a_broker_away_longer_than_a_transaction_may_last(
    patient: OwnBroker, tmp_path: Path
) -> None:
    """One worker has to send its offsets still, the other has sent them: nobody ends.

    The latter asks for the commit while the broker is away: it may come in time after all.
    """
    both = threading.Barrier(2, action=patient.pause)
    there_again = threading.Event()

    def resume() -> None:
        patient.resume()
        there_again.set()

    def happens() -> None:
        if both.wait(WITHIN_S) == 0:
            later(LONG_S, resume)

    def happens_and_is_found() -> None:
        happens()
        assert there_again.wait(WITHIN_S)
        toys[0].read("toy.balances")  # nothing is open any more, once this has an answer

    toys: list[ToyKafka] = []
    workers: list[Worker] = []
    with ExitStack() as opened:
        for step, call in ((Step.FLUSHED, happens_and_is_found), (Step.SENT, happens)):
            toy = opened.enter_context(toy_on(patient, tmp_path / step))
            toy.publish("toy.deposits", *deposits(2000))
            worker = toy.worker(transactions=at(step, call))
            opened.enter_context(turning(toy, worker))
            toys.append(toy)
            workers.append(worker)
        for toy, worker in zip(toys, workers, strict=True):
            toy.publish("toy.deposits", *deposits(200))
            wait(lambda toy=toy: len(toy.read("toy.balances")) >= 2200)  # type: ignore[misc]
            each_once(toy, 2200)
            wait(lambda worker=worker: decided(worker) == 2200)  # type: ignore[misc]
        found, asked = workers
        assert counted(found, "producer_recoveries") == 1, "once per outage"
        assert counted(found, "aborted_transactions") >= 1
        assert counted(asked, "producer_recoveries") <= 1
        assert counted(asked, "broker_outages") >= 1


def test_K_29_a_pause_shorter_than_a_transaction_costs_nothing(
    patient: OwnBroker, tmp_path: Path
) -> None:
    def happens() -> None:
        patient.pause()
        later(4, patient.resume)

    paused = at(Step.PRODUCED, happens)
    with toy_on(patient, tmp_path) as toy:
        toy.publish("toy.deposits", *deposits(2000))
        with turning(toy, toy.worker(transactions=paused)) as worker:
            wait(lambda: len(toy.read("toy.balances")) >= 2000)
            each_once(toy, 2000)
            assert counted(worker, "producer_recoveries") == 0
    assert paused.happened


def test_K_29_a_network_that_is_cut_stalls_batch_and_reference_topics_only(
    toy: ToyKafka, own: OwnBroker
) -> None:
    def happens() -> None:
        own.network.cut()
        later(4, own.network.heal)

    toy.publish("toy.deposits", *deposits(2000))
    cut = at(Step.FLUSHED, happens)
    with turning(toy, toy.worker(transactions=cut)) as worker:
        wait(lambda: len(toy.read("toy.balances")) >= 2000)
        each_once(toy, 2000)
        toy.publish("toy.rates", Rate(name="eur", rate=7))
        wait(lambda: worker.references.tables["toy.rates"].get("eur", 2**62) is not None)
        toy.publish("toy.deposits", Deposit(account="a", amount=1))
        wait(lambda: len(toy.read("toy.balances")) > 2000)
        assert next(event for event in balances(toy) if event.account == "a").rate == 7
    assert cut.happened


def test_K_29_an_outage_at_start_and_one_during_restore_are_waited_for(
    toy: ToyKafka, own: OwnBroker
) -> None:
    toy.publish("toy.deposits", *deposits(200))
    with turning(toy, toy.worker()):
        wait(lambda: len(toy.read("toy.balances")) >= 200)

    def happens() -> None:
        own.network.cut()
        later(3, own.network.heal)

    happens()
    cut = at(Step.RESTORING, happens)
    with turning(toy, toy.worker(transactions=cut)) as worker:
        wait(lambda: decided(worker) == 200)
        toy.publish("toy.deposits", *deposits(200))
        wait(lambda: len(toy.read("toy.balances")) >= 400)
        each_once(toy, 400)
    assert cut.happened


def test_K_29_a_worker_that_waits_for_the_broker_can_be_stopped(
    toy: ToyKafka, own: OwnBroker
) -> None:
    part = toy.start()
    toy.publish("toy.deposits", *deposits(2000))
    wait(lambda: bool(toy.read("toy.balances")), part)
    own.network.cut()
    try:
        began = time.monotonic()
        part.signal_stop()
        assert part.wait(WITHIN_S) == ExitCode.STOPPED, time.monotonic() - began
    finally:
        own.network.heal()
    again = toy.start()
    wait(lambda: len(toy.read("toy.balances")) >= 2000, again)
    each_once(toy, 2000)


def test_K_29_where_to_go_on_can_be_asked_while_the_coordinator_moves(
    own: OwnBroker, tmp_path: Path
) -> None:
    """A broker that is frozen for longer than its own session gives the coordinator's role away."""
    toy = toy_on(own, tmp_path)
    settings = {"SX_KAFKA_BOOTSTRAP_SERVERS": toy.servers, "SX_PREFIX": toy.prefix}
    told = tmp_path / "told"

    def asks_again() -> None:
        before = told.read_text().count("asking")
        wait(lambda: told.read_text().count("asking") > before + 1)

    with (
        told.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", "tests.kernel.asking"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, **settings, "SX_INPUT_PREFIX": toy.prefix},
            stdin=subprocess.PIPE,
            stdout=out,
        ) as asking,
    ):
        asks_again()
        for _ in range(3):
            own.pause()
            time.sleep(4)
            own.resume()
            asks_again()
        asking.communicate(timeout=WITHIN_S)
    assert asking.returncode == 0
