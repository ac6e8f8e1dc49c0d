"""Ops sees it: what each fault does is in the workers' metrics, and was not before (MO-1)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Producer
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from schemas.topic import SERVICES
from streams.kafka.transaction import Step
from tests.chaos.fleet import Fleet, Name
from tests.chaos.injector import DONE, LEFT_OUT, Injector
from tests.chaos.schedule import Fault, Kind
from tests.chaos.scraper import Scraper, Series, Window
from tests.chaos.world import LiveWorld

AGE, LAG = "sx_oldest_unprocessed_age_seconds", "sx_lag_messages"
OVERDUE, RESTORED = "sx_overdue_deadlines", "sx_recovery_seconds"
REBALANCED, ABORTED = "sx_rebalances_total", "sx_aborted_transactions_total"
FAILED, DEAD = "sx_effect_failures_total", "sx_handler_dead_letters_total"
OUTAGES, PAUSED = "sx_broker_outages_total", "sx_paused_topics"

SEED = 21
FOR_S = 1800.0
BASELINE_S = 4.0
SEEN_WITHIN_S = 90.0
CALM_WITHIN_S = 120.0
CALM_AGE_S = 3.0
FLOODED = "sma.jobs"
FLOOD = 600
"""More than half of all that the topic has had, so that the circuit breaker pauses it."""


@dataclass(frozen=True)
class Case:
    """A fault, and by how much what it must move exceeds what it was before."""

    fault: Fault
    moves: Mapping[Series, float]


def _at_target(name: str, service: str, target: str) -> Case:
    moves = {Series.of(service, FAILED, target=target): 1.0}
    return Case(Fault(0, Kind.TARGET_FAILS, name, 8.0), moves)


def _outage(kind: Kind, for_s: float) -> Case:
    return Case(
        Fault(0, kind, "kafka", for_s), {Series.of(name, OUTAGES): 1.0 for name in SERVICES}
    )


CASES = (
    _at_target("mail", "notifier", "mail"),
    _at_target("sms", "notifier", "sms"),
    _at_target("push", "notifier", "push"),
    _at_target("zendesk", "ticketing", "ticket"),
    Case(
        Fault(0, Kind.JOIN_LEAVE, "matching", 0.5),
        {Series.of("matching", REBALANCED): 2.0, Series.of("matching", RESTORED): 0.001},
    ),
    Case(
        Fault(0, Kind.KILL, "order_ingest", 0.0),
        {Series.of("order_ingest", REBALANCED): 1.0, Series.of("order_ingest", RESTORED): 0.001},
    ),
    Case(
        Fault(0, Kind.FREEZE_AT, "lifecycle", 12.0, Step.FLUSHED),
        {
            Series.of("lifecycle", AGE): 5.0,
            Series.of("lifecycle", ABORTED): 1.0,
            Series.of("lifecycle", REBALANCED): 2.0,
            Series.of("lifecycle", RESTORED): 0.001,
        },
    ),
    Case(Fault(0, Kind.REGISTRY_AWAY, "ticketing", 12.0), {Series.of("ticketing", OUTAGES): 1.0}),
    _outage(Kind.BROKER_PAUSE, 14.0),
    _outage(Kind.BROKER_KILL, 10.0),
    _outage(Kind.DISK_FULL, 6.0),
)


@pytest.mark.timeout(1500)
def test_MO_1_each_fault_moves_its_own_metrics(tmp_path: Path) -> None:
    with LiveWorld(tmp_path, SEED, rate=2.0, poison=0.0) as world:
        injector, traffic = Injector(world.around), world.traffic(FOR_S)
        traffic.start()
        with Scraper(world.fleet) as scraper:
            for case in CASES:
                _baseline(scraper, case.moves)
                before = scraper.window()
                scraper.begin()
                injected = injector.inject(case.fault)
                missing = _await_moves(scraper, before, case.moves)
                injector.leases.await_all()
                print(f"{injected.fault}: {injected.how}, {_told(before, scraper.window(), case)}")
                assert injected.how in (DONE, LEFT_OUT)
                assert missing == [] or injected.how == LEFT_OUT
            _flooded(world, scraper)
        injector.finish()
        traffic.stop()
        traffic.finish()
        assert injector.wrong == []
        assert world.fleet.wrong == []


def _flooded(world: LiveWorld, scraper: Scraper) -> None:
    """Poison beyond measure: the topic is paused, what comes to it waits, and so do deadlines."""
    moves = {
        Series.of(
            "lifecycle", DEAD, handler="lifecycle:main", topic=FLOODED, cause="NOT_AVRO"
        ): float(FLOOD),
        Series.of("lifecycle", PAUSED, topic=FLOODED): 1.0,
        Series.of("lifecycle", LAG, topic=FLOODED): 20.0,
        Series.of("lifecycle", AGE): 15.0,
        Series.of("lifecycle", OVERDUE): 5.0,
    }
    _baseline(scraper, moves)
    before = scraper.window()
    scraper.begin()
    producer = Producer(world.run.kafka.connection())
    for _ in range(FLOOD):
        producer.produce(f"{world.run.prefix}{FLOODED}", b"no record", b"nobody")
    assert producer.flush(30) == 0
    assert _await_moves(scraper, before, moves) == []


def _baseline(scraper: Scraper, moves: Mapping[Series, float]) -> None:
    """Begins a window in which for a while nothing is late and no counter moves; how far a gauge
    goes then has to be exceeded.
    """
    until = time.monotonic() + CALM_WITHIN_S
    while True:
        scraper.begin()
        time.sleep(BASELINE_S)
        window = scraper.window()
        late = [series for series in moves if series.metric == AGE and window[series] > CALM_AGE_S]
        moved = [series for series in moves if series.metric.endswith("_total") and window[series]]
        if not late and not moved:
            return
        assert time.monotonic() < until, f"it does not become calm: {[*late, *moved]}"


def _await_moves(scraper: Scraper, before: Window, moves: Mapping[Series, float]) -> list[str]:
    """What does not move, or no further than it did before the fault; empty as soon as all has."""
    until = time.monotonic() + SEEN_WITHIN_S
    while True:
        now = scraper.window()
        flat = [s for s, least in moves.items() if now[s] < before[s] + least]
        if not flat or time.monotonic() > until:
            return [f"{s} is {now[s]:g}, was {before[s]:g} before" for s in flat]
        time.sleep(0.2)


def _told(before: Window, now: Window, case: Case) -> str:
    return ", ".join(f"{each} {before[each]:g} → {now[each]:g}" for each in case.moves)


NOTIFIER = Name("notifier")
MAILS, SMS = (Series.of("notifier", FAILED, target=target) for target in ("mail", "sms"))


def _said(registry: CollectorRegistry) -> str:
    return generate_latest(registry).decode()


def test_counters_grow_by_what_is_added_and_begin_anew_with_a_process(tmp_path: Path) -> None:
    scraper, registry = Scraper(Fleet({}, tmp_path)), CollectorRegistry()
    failures = Counter("sx_effect_failures", "", ["target"], registry=registry)
    failures.labels("mail").inc(5)
    failures.labels("sms").inc(3)
    scraper.take(NOTIFIER, _said(registry))
    assert scraper.peaks[FAILED] == 8
    scraper.begin()
    failures.labels("mail").inc(2)
    scraper.take(NOTIFIER, _said(registry))
    scraper.take(NOTIFIER, "")
    assert (scraper.window()[MAILS], scraper.window()[SMS]) == (2, 0)
    failures.clear()
    failures.labels("mail").inc(1)
    scraper.take(NOTIFIER, _said(registry))
    assert scraper.window()[MAILS] == 3
    assert scraper.peaks[LAG] == 0


def test_a_gauge_that_stands_still_says_nothing(tmp_path: Path) -> None:
    scraper, registry = Scraper(Fleet({}, tmp_path)), CollectorRegistry()
    lag = Gauge(LAG, "", ["topic"], registry=registry)
    lag.labels("sx.events").set(7)
    series = Series.of("notifier", LAG, topic="sx.events")
    scraper.take(NOTIFIER, _said(registry))
    assert scraper.window()[series] == 7
    scraper.begin()
    scraper.take(NOTIFIER, _said(registry))
    assert scraper.window()[series] == 0
    lag.labels("sx.events").set(4)
    scraper.take(NOTIFIER, _said(registry))
    assert scraper.window()[series] == 4
