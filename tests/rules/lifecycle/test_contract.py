"""The contract goes out, is reminded of, is overdue, is uploaded (CO-1 to CO-3, CO-6, CO-7)."""

from __future__ import annotations

import pytest

from schemas.types import sx
from tests.rules.lifecycle.given import ADMIN, OPERATOR, at, document, requested, store
from tests.rules.lifecycle.world import World

DAY = 86_400_000
HOUR = 3_600_000


# --- CO-2: when it goes out by itself -----------------------------------------------------------


@pytest.mark.parametrize(
    ("created", "sent"),
    [
        ("03-02 10:00", "03-02 11:00"),  # Monday
        ("03-02 20:59", "03-02 21:59"),  # 22:59 in Madrid
        ("03-02 21:00", "03-03 06:00"),  # 23:00 is outside: half open
        ("03-06 22:00", "03-09 06:00"),  # Friday night: Monday, 07:00
        ("03-07 10:00", "03-09 06:00"),  # Saturday
        ("03-03 05:30", "03-03 06:30"),
        ("03-03 04:30", "03-03 06:00"),
    ],
)
def test_CO_2_sent_by_itself_an_hour_later_within_the_window(created: str, sent: str) -> None:
    world = World()
    world.take(requested(), now=at(created)).until(at(created) + 4 * DAY)
    issued = world.one(sx.ContractIssued)
    assert issued.at == at(sent)
    assert (issued.channel, issued.automatic, issued.contract_version) == ("EMAIL", True, 1)
    assert issued.actor.role == "SYSTEM"


@pytest.mark.parametrize(
    ("bu", "channel", "cluster", "minutes"),
    [
        ("LMES", "STORE", None, 60),
        ("LMES", "ONLINE", None, 60),
        ("LMPT", "STORE", None, 60),
        ("LMPT", "ONLINE", None, 10),
        ("LMPT", "STORE", "Oeiras", 2),
        ("LMPT", "ONLINE", "Oeiras", 10),
    ],
)
def test_CO_2_how_long_after_is_the_stores_and_the_channels(
    bu: str, channel: str, cluster: str | None, minutes: int
) -> None:
    world = World(bu, None, store(bu, cluster=cluster)).created(channel=channel)
    assert world.sx.deadlines["contract_send"] == world.now + minutes * 60_000


def test_CO_2_the_window_is_that_of_the_stores_clock() -> None:
    canaries = World("LMES", None, store(zip="35001")).created()
    late = World("LMES", None, store(zip="35001"))
    late.take(requested(), now=at("03-02 21:30")).until(at("03-03 12:00"))
    assert canaries.sx.deadlines["contract_send"] == at("03-02 11:00")
    assert late.one(sx.ContractIssued).at == at("03-02 22:30")  # 22:30 there, 23:30 in Madrid


def test_CO_2_sent_by_hand_before_nothing_goes_out_by_itself() -> None:
    world = World().created()
    world.take(world.given.send("QR", OPERATOR))
    assert "contract_send" not in world.sx.deadlines
    world.until(at("03-03 12:00"))
    issued = world.one(sx.ContractIssued)
    assert (issued.channel, issued.automatic) == ("QR", False)


def test_CO_2_a_sending_by_hand_is_not_bound_to_the_window() -> None:
    world = World()
    world.take(requested(), now=at("03-07 22:00"))
    world.take(world.given.send(), now=at("03-07 23:30"))
    assert world.one(sx.ContractIssued).at == at("03-07 23:30")


# --- CO-1: versions ------------------------------------------------------------------------------


def test_CO_1_sending_one_voids_the_one_before() -> None:
    world = World().sent_out()
    world.take(world.given.send("PAPER"))
    first, second = world.told(sx.ContractIssued)
    assert (first.agreement_id, second.agreement_id) == (
        f"{world.given.sx}/C1.1",
        f"{world.given.sx}/C2.1",
    )
    assert second.voided_agreement_id == first.agreement_id
    assert first.voided_agreement_id is None
    assert world.sx.contract.versions[0].voided_at == world.now


def test_CO_1_two_sendings_by_hand_are_two_versions() -> None:
    world = World().created()
    world.take(world.given.send(), world.given.send())
    assert world.history[-1].sx.contract_version == 2


def test_CO_1_a_version_that_is_signed_is_not_voided_by_the_next() -> None:
    world = World().scheduled()
    world.take(world.given.send())
    assert world.told(sx.ContractIssued)[-1].voided_agreement_id is None


# --- CO-7, AC-2: further versions ----------------------------------------------------------------


@pytest.mark.parametrize("stage", ["scheduled", "distributed", "confirmed"])
def test_CO_7_a_further_version_until_in_progress(stage: str) -> None:
    world: World = getattr(World(), stage)()
    status = world.sx.status
    world.take(world.given.send())
    assert world.last == ("SendContract", "APPLIED", "CO-2")
    assert world.sx.status == status
    assert world.sx.tags == ("ACCEPTANCE_SALES_CONDITIONS",)


def test_CO_7_none_from_in_progress_on() -> None:
    world = World().in_progress()
    world.take(world.given.send())
    assert world.last == ("SendContract", "REFUSED", "AC-2")


def test_CO_7_an_online_sale_has_none_once_it_is_signed() -> None:
    world = World().created(channel="ONLINE")
    world.take(world.given.send(), world.given.send())
    world.take(world.given.contract_signed(2, world.now))
    world.take(world.given.send())
    assert world.last == ("SendContract", "REFUSED", "CO-7")


def test_CO_10_none_after_a_skip() -> None:
    world = World().created()
    world.take(world.given.skip(), world.given.send())
    assert world.last == ("SendContract", "REFUSED", "CO-10")


# --- CO-6: reminders and the task ----------------------------------------------------------------


def test_CO_6_overdue_72_hours_after_the_first_version_and_told_once() -> None:
    world = World().sent_out()
    world.until(at("03-20"))
    overdue = world.one(sx.ContractOverdue)
    assert overdue.at == at("03-05 11:00")
    assert (overdue.cause, overdue.contract_version) == ("DEADLINE", 1)


def test_CO_6_no_later_version_restarts_the_clock() -> None:
    world = World().sent_out()
    world.take(world.given.send(), now=at("03-04 09:00"))
    world.until(at("03-20"))
    overdue = world.one(sx.ContractOverdue)
    assert (overdue.at, overdue.contract_version) == (at("03-05 11:00"), 2)


def test_CO_6_nor_does_one_sent_after_the_task() -> None:
    world = World().sent_out().until(at("03-06"))
    world.take(world.given.send()).until(at("04-06"))
    assert len(world.told(sx.ContractOverdue)) == 1


def test_CO_6_a_signature_stops_it_and_a_later_version_starts_it_anew() -> None:
    world = World().scheduled()
    assert "contract_overdue" not in world.sx.deadlines
    world.take(world.given.send(), now=at("03-04 09:00"))
    world.until(at("03-20"))
    assert world.one(sx.ContractOverdue).at == at("03-07 09:00")


def test_CO_6_adobe_reminds_of_its_own_agreements() -> None:
    world = World().sent_out().until(at("03-20"))
    assert world.told(sx.ContractReminderDue) == []


def test_CO_6_a_paper_version_is_reminded_by_us_every_day_at_the_same_time() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"), now=at("03-27 10:00"))
    world.until(at("03-30 12:00"))
    # 10:00 UTC is 11:00 in Madrid; the clock changes on the 29th (ED-11).
    assert [reminder.at for reminder in world.told(sx.ContractReminderDue)] == [
        at("03-28 10:00"),
        at("03-29 09:00"),
        at("03-30 09:00"),
    ]


def test_CO_6_reminders_end_with_the_signature() -> None:
    world = World().created()
    world.take(world.given.send("PAPER")).until(at("03-03 12:00"))
    world.take(world.given.confirm_paper()).until(at("03-09 12:00"))
    assert len(world.told(sx.ContractReminderDue)) == 1


def test_CO_6_all_reminders_are_ours_where_the_policy_says_so() -> None:
    world = World("LMES", {"contract.reminders_by": "us"}).sent_out().until(at("03-04 12:00"))
    assert len(world.told(sx.ContractReminderDue)) == 2


def test_CO_6_an_agreement_of_adobes_ends_our_reminders() -> None:
    world = World().created()
    world.take(world.given.send("PAPER")).until(at("03-03 12:00"))
    world.take(world.given.send("EMAIL")).until(at("03-09 12:00"))
    assert len(world.told(sx.ContractReminderDue)) == 1


def test_CO_6_neither_reminders_nor_task_for_one_that_is_canceled() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"), world.given.canceled()).until(at("04-09"))
    assert world.told(sx.ContractReminderDue) == []
    assert world.told(sx.ContractOverdue) == []


def test_ED_14_missed_reminders_are_one() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"))
    sent_at = world.now
    world._fire(sent_at + DAY, "contract_reminder", clock=sent_at + 5 * DAY + HOUR)
    assert len(world.told(sx.ContractReminderDue)) == 1
    assert world.sx.deadlines["contract_reminder"] == sent_at + 6 * DAY


# --- CO-3, AC-4: the scan ------------------------------------------------------------------------


def test_CO_3_the_scan_is_uploaded_once_per_version_signed_on_paper() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"), world.given.confirm_paper(), world.given.upload())
    uploaded = world.one(sx.ContractUploaded)
    assert uploaded.code == "128 CONTRACT_MANUALLY_UPLOADED"
    assert (uploaded.contract_version, uploaded.document.category) == (1, "LEGAL")
    world.take(world.given.upload())
    assert world.last == ("UploadContract", "REFUSED", "AC-4")
    world.take(world.given.send("PAPER"), world.given.confirm_paper(), world.given.upload())
    assert [scan.contract_version for scan in world.told(sx.ContractUploaded)] == [1, 2]


def test_AC_4_a_contract_signed_by_adobe_has_no_scan() -> None:
    world = World().scheduled()
    world.take(world.given.upload())
    assert world.last == ("UploadContract", "REFUSED", "AC-4")


def test_SX_16_a_scan_of_another_type_is_refused() -> None:
    world = World().created()
    world.take(world.given.send("PAPER"), world.given.confirm_paper())
    world.take(world.given.upload(document("scan.docx", "application/msword"), ADMIN))
    assert world.last == ("UploadContract", "REFUSED", "SX-16")
    assert world.told(sx.ContractUploaded) == []
