"""Faults that overlap leave one another alone."""

from __future__ import annotations

from tests.chaos.leases import Leases


def test_each_target_has_its_own_end() -> None:
    told: list[str] = []
    leases = Leases()
    leases.begin("mail", 3600, lambda: told.append("mail fails"), lambda: told.append("mail ends"))
    leases.begin("sms", 0.01, lambda: told.append("sms fails"), lambda: told.append("sms ends"))
    leases.begin("sms", 3600, lambda: told.append("sms stalls"), lambda: told.append("sms ends"))
    assert told == ["mail fails", "sms fails", "sms ends", "sms stalls"]
    leases.finish()
    assert told[4:] == ["mail ends", "sms ends"]


def test_what_is_over_does_not_end_again() -> None:
    told: list[str] = []
    leases = Leases()
    leases.begin("mail", 0.01, lambda: told.append("begins"), lambda: told.append("ends"))
    leases.await_all()
    leases.finish()
    assert told == ["begins", "ends"]


def test_what_has_hit_nobody_lasts_until_it_has() -> None:
    told: list[str] = []
    leases, asked = Leases(), iter((False, False, True))

    def hit() -> bool:
        told.append("looks")
        return next(asked)

    leases.begin("push", 0.01, lambda: told.append("begins"), lambda: told.append("ends"), hit)
    leases.await_all()
    assert told == ["begins", "looks", "looks", "looks", "ends"]


def test_what_has_hit_nobody_can_be_ended() -> None:
    told: list[str] = []
    leases = Leases()
    leases.begin(
        "push", 0.01, lambda: told.append("begins"), lambda: told.append("ends"), lambda: False
    )
    leases.finish()
    assert told == ["begins", "ends"]
