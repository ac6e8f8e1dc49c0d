"""Ops sees it: what faults do is in the workers' metrics while they happen (MO-1)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest

from streams.kafka.transaction import Step
from tests.chaos.fleet import Fleet
from tests.chaos.injector import Injector
from tests.chaos.schedule import Fault, Kind
from tests.chaos.scraper import WATCHED, Scraper
from tests.chaos.world import LiveWorld

FAULTS = (
    Fault(0, Kind.TARGET_FAILS, "mail", 30.0),
    Fault(0, Kind.FREEZE_AT, "lifecycle", 12.0, Step.FLUSHED),
    Fault(0, Kind.BROKER_PAUSE, "kafka", 12.0),
    Fault(0, Kind.KILL_ALL, "everyone", 0.0),
)
ROUNDS = 3
"""A metric is a glimpse of a moment: what the first round did not show, a later one may."""
SECONDS = 600


@pytest.mark.timeout(900)
def test_MO_1_every_fault_is_seen_in_the_metrics(tmp_path: Path) -> None:
    with LiveWorld(tmp_path, seed=21, rate=2.0) as world:
        injector = Injector(world.around)
        traffic = world.traffic(SECONDS)
        traffic.start()
        with Scraper(world.fleet) as scraper:
            for _ in range(ROUNDS):
                for fault in FAULTS:
                    injector.inject(fault)
                    time.sleep(5)
                if not _unseen(scraper):
                    break
        injector.finish()
        traffic.stop()
        traffic.finish()
        assert _unseen(scraper) == []
        assert injector.wrong == []
        assert world.fleet.wrong == []


def _unseen(scraper: Scraper) -> list[str]:
    return [name for name in WATCHED if scraper.peaks[name] == 0]


def test_what_labels_tell_apart_is_summed_up(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    failures = Counter("sx_effect_failures", "", ["target"], registry=registry)
    failures.labels("mail").inc(2)
    failures.labels("sms").inc(3)
    scraper = Scraper(Fleet({}, tmp_path))
    scraper.take(generate_latest(registry).decode())
    scraper.take("")
    assert scraper.peaks["sx_effect_failures_total"] == 5
    assert scraper.peaks["sx_lag_messages"] == 0
