"""The contract is signed, or skipped, or fails (CO-1, CO-3 to CO-5, CO-10, ED-7, ED-8)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.types import adobe, lifecycle, sx
from tests.rules.lifecycle.given import ADMIN, OPERATOR, SELLER, at, document
from tests.rules.lifecycle.world import World

HOUR = 3_600_000


# --- CO-5, CO-1 ----------------------------------------------------------------------------------


def test_CO_5_signed_is_scheduled_and_only_now_a_pro_is_sought() -> None:
    world = World().sent_out()
    assert world.told(lifecycle.SearchWanted) == []
    signed_at = world.now - 60_000
    world.take(world.given.contract_signed(1, signed_at, audit_trail=document("a.pdf")))
    signed = world.one(sx.ContractSigned)
    assert (signed.contract_version, signed.channel, signed.signed_at) == (1, "EMAIL", signed_at)
    assert signed.document is not None
    assert signed.audit_trail is not None
    assert signed.document.category == signed.audit_trail.category == "LEGAL"
    assert world.sx.status == "SCHEDULED"
    assert world.sx.tags == ()
    assert world.one(lifecycle.SearchWanted).round == 1


def test_CO_5_a_later_versions_signature_moves_no_status() -> None:
    world = World().confirmed()
    world.take(world.given.send())
    world.take(world.given.contract_signed(2, world.now))
    assert world.sx.status == "CONFIRMED"
    assert len(world.told(sx.ContractSigned)) == 2
    assert len(world.told(lifecycle.SearchWanted)) == 1


def test_CO_1_the_same_signature_told_twice_counts_once() -> None:
    world = World().scheduled()
    world.take(world.given.contract_signed(1, world.now))
    assert world.last == ("ContractSigned", "DUPLICATE", "CO-1")


@pytest.mark.parametrize(("late_by", "outcome"), [(-1, "APPLIED"), (0, "APPLIED"), (1, "REFUSED")])
def test_CO_1_a_voided_version_counts_only_if_signed_before(late_by: int, outcome: str) -> None:
    world = World().sent_out()
    world.take(world.given.send())
    voided_at = world.now
    event = world.given.contract_signed(1, voided_at + late_by)
    world.take(event, now=voided_at + HOUR)
    assert world.last[1] == outcome
    if outcome == "APPLIED":
        assert world.sx.status == "SCHEDULED"
        # The later version is a re-signature now: the tag stays, its own clock runs.
        assert world.sx.tags == ("ACCEPTANCE_SALES_CONDITIONS",)
        assert world.sx.deadlines["contract_overdue"] == voided_at + 72 * HOUR
    else:
        assert world.sx.status == "PRE_SCHEDULED"
        assert world.refusal()[0] == "CO-1"
        failed = world.one(sx.AgreementFailed)
        assert (failed.failure, failed.contract_version) == ("SIGNED_WHEN_VOID", 1)


def test_CO_1_a_signature_on_a_void_version_is_told_as_a_failure_once() -> None:
    world = World().sent_out()
    world.take(world.given.send())
    late = world.given.contract_signed(1, world.now + HOUR)
    world.take(late, late)
    assert [outcome[1] for outcome in world.outcomes[-2:]] == ["REFUSED", "REFUSED"]
    assert len(world.told(sx.AgreementFailed)) == 1


def test_CO_1_one_that_names_a_voided_agreement_is_refused_likewise() -> None:
    world = World().sent_out()
    first = world.sx.contract.versions[0].agreement_id
    world.take(world.given.send())
    world.take(world.given.contract_signed(2, world.now, agreement_id=first))
    assert world.last == ("ContractSigned", "REFUSED", "CO-1")
    assert world.one(sx.AgreementFailed).agreement_id == first


def test_CO_1_one_that_names_an_agreement_of_nobodys_is_refused() -> None:
    world = World().sent_out()
    world.take(world.given.contract_signed(1, world.now, agreement_id="x"))
    assert world.last == ("ContractSigned", "REFUSED", "CO-1")
    assert world.told(sx.AgreementFailed) == []


def test_CO_1_a_version_not_sent_yet_waits_and_counts_once_it_is() -> None:
    world = World().created()
    world.take(world.given.contract_signed(1, world.now + HOUR))
    assert world.last == ("ContractSigned", "PARKED", "CO-1")
    world.until(world.now + 2 * HOUR)
    assert world.sx.status == "SCHEDULED"


def test_CO_1_after_a_day_it_is_refused() -> None:
    world = World().scheduled()
    world.take(world.given.contract_signed(2, world.now)).until(world.now + 25 * HOUR)
    assert world.last == ("ContractSigned", "REFUSED", "CO-1")


@pytest.mark.parametrize("stage", ["canceled", "waiting_for_wcf"])
def test_CO_1_a_version_that_never_can_be_sent_is_refused_at_once(stage: str) -> None:
    world: World = getattr(World(), stage)()
    world.take(world.given.contract_signed(2, world.now))
    assert world.last == ("ContractSigned", "REFUSED", "CO-1")


def test_CO_3_a_paper_version_is_not_signed_at_adobe() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"), world.given.contract_signed(1, world.now))
    assert world.last == ("ContractSigned", "REFUSED", "CO-1")


# --- CO-3, ED-8 ----------------------------------------------------------------------------------


def test_CO_3_signed_on_paper_is_127_and_scheduled() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"), world.given.confirm_paper(actor=SELLER))
    signed = world.one(sx.ContractSigned)
    assert signed.code == "127 CONTRACT_SIGNATURE_IN_PAPER"
    assert (signed.channel, signed.rule, signed.actor.id) == ("PAPER", "CO-3", "seller1")
    assert world.sx.status == "SCHEDULED"


def test_CO_3_not_signed_yet_keeps_the_tag_and_may_be_said_later() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"), world.given.confirm_paper(signed=False))
    assert world.last[1] == "APPLIED"
    assert (world.sx.status, world.sx.tags) == ("PRE_SCHEDULED", ("ACCEPTANCE_SALES_CONDITIONS",))
    world.take(world.given.confirm_paper(actor=OPERATOR))
    assert (world.sx.status, world.sx.tags) == ("SCHEDULED", ())


def test_CO_3_without_a_version_there_is_nothing_to_confirm() -> None:
    world = World().created()
    world.take(world.given.confirm_paper())
    assert world.last == ("ConfirmPaperContract", "REFUSED", "CO-3")


def test_AC_3_later_only_while_a_version_is_unsigned() -> None:
    world = World().waiting_for_wcf()
    world.take(world.given.confirm_paper())
    assert world.last == ("ConfirmPaperContract", "REFUSED", "AC-3")
    late = World().confirmed()
    late.take(late.given.send("PAPER"), late.given.names_worker(), late.given.check_in())
    late.take(late.given.confirm_paper())
    assert late.last == ("ConfirmPaperContract", "APPLIED", "CO-3")
    assert late.sx.status == "IN_PROGRESS"


def test_ED_8_paper_confirmed_while_an_electronic_signature_is_open() -> None:
    world = World().sent_out()
    world.take(world.given.confirm_paper())
    signed = world.one(sx.ContractSigned)
    assert (signed.channel, signed.contract_version, signed.rule) == ("PAPER", 1, "ED-8")
    assert world.sx.status == "SCHEDULED"
    world.take(world.given.contract_signed(1, world.now + HOUR), now=world.now + HOUR)
    assert world.last == ("ContractSigned", "REFUSED", "CO-1")
    assert world.one(sx.AgreementFailed).failure == "SIGNED_WHEN_VOID"


# --- CO-4 ----------------------------------------------------------------------------------------


def test_CO_4_an_admin_skips_the_contract_in_spain() -> None:
    world = World().sent_out()
    world.take(world.given.skip(ADMIN))
    skipped = world.one(sx.ContractSkipped)
    assert skipped.code == "142 SKIP_CONTRACT"
    assert skipped.voided_agreement_id == f"{world.given.sx}/C1.1"
    assert (world.sx.status, world.sx.tags) == ("SCHEDULED", ())
    assert world.told(sx.SxStatusChanged)[-1].rule == "CO-4"
    assert world.one(lifecycle.SearchWanted).round == 1
    world.until(at("03-08"))
    assert world.told(sx.ContractOverdue) == []


def test_CO_4_before_any_sending_nothing_is_sent_any_more() -> None:
    world = World().created()
    world.take(world.given.skip()).until(at("03-04"))
    assert world.told(sx.ContractIssued) == []


def test_CO_4_an_agreement_open_at_the_skip_is_void() -> None:
    world = World().sent_out()
    world.take(world.given.skip())
    world.take(world.given.contract_signed(1, world.now + 1))
    assert world.last == ("ContractSigned", "REFUSED", "CO-1")


@pytest.mark.parametrize(
    ("by", "allowed"),
    [("off", []), ("admin", [ADMIN]), ("all", [SELLER, OPERATOR, ADMIN])],
)
def test_AC_5_who_may_skip_is_the_policys(by: str, allowed: list[object]) -> None:
    for actor in (SELLER, OPERATOR, ADMIN):
        world = World("LMES", {"contract.skip": by}).created()
        world.take(world.given.skip(actor))
        expected = ("APPLIED", "CO-4") if actor in allowed else ("REFUSED", "AC-5")
        assert world.last[1:] == expected


def test_AC_5_only_at_pre_scheduled() -> None:
    world = World().scheduled()
    world.take(world.given.skip())
    assert world.last == ("SkipContract", "REFUSED", "AC-5")


# --- CO-10: a check-in while a version is unsigned ------------------------------------------------


def test_CO_10_checked_in_while_a_version_is_unsigned_is_told_at_once() -> None:
    world = World().with_worker()
    world.take(world.given.send()).take(world.given.check_in())
    overdue = world.one(sx.ContractOverdue)
    assert (overdue.cause, overdue.contract_version, overdue.rule) == ("CHECK_IN", 2, "CO-10")
    assert world.sx.status == "IN_PROGRESS"
    world.until(at("03-08"))
    assert len(world.told(sx.ContractOverdue)) == 1


def test_CO_10_or_refused_at_once_where_the_policy_blocks_it() -> None:
    world = World("LMES", {"contract.block_checkin": "on"}).with_worker()
    world.take(world.given.send()).take(world.given.check_in())
    assert world.last == ("CheckedIn", "REFUSED", "CO-10")
    assert world.sx.status == "CONFIRMED"
    world.take(world.given.contract_signed(2, world.now), world.given.check_in())
    assert world.sx.status == "IN_PROGRESS"


def test_CO_10_a_signed_contract_tells_nothing() -> None:
    assert World().in_progress().told(sx.ContractOverdue) == []


# --- ED-7 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("paid", [True, False])
def test_ED_7_signed_after_cancel_is_recorded_and_canceled_stays(paid: bool) -> None:
    world = World().sent_out(paid=paid)
    world.take(world.given.canceled(), world.given.contract_signed(1, world.now))
    assert world.last == ("ContractSigned", "APPLIED", "ED-7")
    signed = world.one(sx.ContractSigned)
    assert signed.sx is not None
    assert (signed.rule, signed.sx.status, signed.sx.paid) == ("ED-7", "CANCELED", paid)
    assert world.told(lifecycle.SearchWanted) == []
    assert world.sx.deadlines == {}


def test_ED_7_paid_later_says_which_version_was_signed_after_the_cancellation() -> None:
    world = World().sent_out(paid=False)
    world.take(world.given.canceled(), world.given.contract_signed(1, world.now))
    world.take(world.given.paid())
    assert world.one(sx.SxUpdated).signed_after_cancel == 1


@pytest.mark.parametrize("signed", [True, False])
def test_ED_7_paid_later_of_a_contract_not_signed_after_the_cancellation(signed: bool) -> None:
    world = World().sent_out(paid=False)
    if signed:
        world.take(world.given.contract_signed(1, world.now))
    world.take(world.given.canceled(), world.given.paid())
    assert world.one(sx.SxUpdated).signed_after_cancel is None


FAILURES: list[tuple[type, dict[str, Any], str, str | None]] = [
    (adobe.ContractDeclined, {"reason": "too dear"}, "DECLINED", "too dear"),
    (adobe.ContractExpired, {}, "EXPIRED", None),
    (adobe.ContractBounced, {"email": "one@example.com"}, "BOUNCED", None),
]


@pytest.mark.parametrize(("kind", "fields", "failure", "detail"), FAILURES)
def test_ED_7_declined_expired_or_bounced_is_told_at_once_and_once(
    kind: type, fields: dict[str, Any], failure: str, detail: str | None
) -> None:
    world = World().sent_out()
    event = world.given.contract_failed(kind, **fields)
    world.take(event, event)
    failed = world.one(sx.AgreementFailed)
    assert (failed.agreement, failed.failure, failed.detail) == ("CONTRACT", failure, detail)
    assert world.last == (kind.__name__, "DUPLICATE", "ED-7")
    assert world.sx.status == "PRE_SCHEDULED"


@pytest.mark.parametrize(("kind", "fields", "failure", "detail"), FAILURES)
def test_ED_7_of_a_version_signed_void_or_canceled_nothing_is_told(
    kind: type, fields: dict[str, Any], failure: str, detail: str | None
) -> None:
    for world in (World().scheduled(), World().canceled()):
        world.take(world.given.contract_failed(kind, **fields))
        assert world.last[1] == "DUPLICATE"
    world = World().sent_out()
    world.take(world.given.send(), world.given.contract_failed(kind, **fields))
    assert world.last[1] == "DUPLICATE"
    world.take(world.given.contract_failed(kind, 3, **fields))
    assert world.last[1:] == ("REFUSED", "CO-1")


def test_SX_16_a_signed_copy_of_another_type_is_refused() -> None:
    world = World().sent_out()
    copy = document("contract.docx", "application/msword")
    world.take(world.given.contract_signed(1, world.now, document=copy))
    assert world.last == ("ContractSigned", "REFUSED", "SX-16")
    assert world.sx.status == "PRE_SCHEDULED"
