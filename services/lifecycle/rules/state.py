"""The state of one Sx: what was folded from all that happened to it. Frozen; `evolve` replaces."""

from datetime import date
from typing import Literal

import msgspec

from schemas.types.common import Address, Customer, HalfDay, Job, Skill, SxLine
from schemas.types.smd import Store
from services.lifecycle.rules import status as s
from services.lifecycle.rules.ids import Attempt
from services.lifecycle.rules.versions import Contract

MANUAL_DISTRIBUTED = "MANUAL_DISTRIBUTED"
ACCEPTANCE_SALES_CONDITIONS = "ACCEPTANCE_SALES_CONDITIONS"

Signer = Literal["CUSTOMER", "PRO"]


class Allocation(msgspec.Struct, frozen=True, kw_only=True):
    """The Pro named on the Sx: offered (`open` until answered or over), or given the job.

    booked: he was never asked (SX-2), so he cannot refuse (MA-4). overbooked: MA-11.
    """

    provider_id: str
    offer_id: str
    open: bool = False
    booked: bool = False
    overbooked: bool = False


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """The last call for a hand assignment: the same cause is told once (TK-1)."""

    cause_key: str
    exhausted: bool


class Wcf(msgspec.Struct, frozen=True, kw_only=True):
    """The work closing form: whose signature it waits for, and what came of it (SX-4, SX-6)."""

    agreement_id: str
    attempt: int = 1
    awaits: Signer
    by_pro_at: int | None = None
    by_customer_at: int | None = None
    failures: tuple[str, ...] = ()


class SxState(msgspec.Struct, frozen=True, kw_only=True):
    """One Sx. Instants in ms, durations in minutes.

    version: of the last event told; touched: of the last one that changed what a command's
    expected version guards (ED-4). round, attempt, run: of matching (MA-3), the last heard of;
    allocations: how often a Pro was named. store: its record when the Sx was made, for when the
    catalogue has none any more (ED-16).
    """

    sx_id: str
    bu: str
    kind: str
    status: str
    version: int = 0
    touched: int = 0
    px_id: str
    customer_key: str
    order_id: str
    store_id: str
    store: Store
    channel: str
    paid: bool
    customer: Customer
    worksite: Address
    lines: tuple[SxLine, ...]
    planned_on: date
    half_day: HalfDay
    floor_on: date
    initial_planned_on: date
    duration_minutes: int
    room_remodeling: bool = False
    pre_estimation: str | None = None
    sold_by: str | None = None
    contract: Contract = Contract()
    round: int = 0
    attempt: int = 0
    run: int = 0
    allocations: int = 0
    needed: Needed | None = None
    allocation: Allocation | None = None
    worker_id: str | None = None
    confirmed_provider_id: str | None = None
    manual_distributed: bool = False
    checked_in_at: int | None = None
    checked_out_at: int | None = None
    payment_triggered: bool = False
    wcf: Wcf | None = None
    survey_answered: bool = False
    date_passed_for: str | None = None
    updated_at: int = 0
    deadlines: dict[str, int] = {}

    @property
    def provider_id(self) -> str | None:
        """The Pro named on it, from Distributed on; kept when Canceled (SX-9)."""
        return None if self.allocation is None else self.allocation.provider_id

    @property
    def open_offer(self) -> Allocation | None:
        """The offer that waits for an answer, None where none does (ED-6)."""
        return self.allocation if self.allocation is not None and self.allocation.open else None

    @property
    def last_attempt(self) -> Attempt:
        """The last offer or booking that was taken over from matching."""
        return Attempt(self.round, self.attempt)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, sorted; switched by rules only (SX-18)."""
        found = []
        if self.contract.unsigned is not None and self.status not in s.OVER:
            found.append(ACCEPTANCE_SALES_CONDITIONS)
        if self.manual_distributed:
            found.append(MANUAL_DISTRIBUTED)
        return tuple(found)

    @property
    def payable(self) -> tuple[SxLine, ...]:
        """The service lines, those of kind EXTRA too (SX-4, XC-4)."""
        return tuple(line for line in self.lines if line.kind in ("SERVICE", "EXTRA"))

    @property
    def skills(self) -> tuple[Skill, ...]:
        """Each profession and specialty that its services ask for, once (MA-2)."""
        asked = {
            (line.profession, line.specialty): None
            for line in self.lines
            if line.kind == "SERVICE" and line.profession and line.specialty
        }
        return tuple(
            Skill(profession=profession, specialty=specialty)
            for profession, specialty in asked
            if profession and specialty
        )

    @property
    def job(self) -> Job:
        """What a Pro is sought for."""
        return Job(
            sx_id=self.sx_id,
            bu=self.bu,
            px_id=self.px_id,
            store_id=self.store_id,
            store=self.store,
            kind=self.kind,
            zip=self.worksite.zip,
            planned_on=self.planned_on,
            half_day=self.half_day,
            duration_minutes=self.duration_minutes,
            skills=self.skills,
            room_remodeling=self.room_remodeling,
        )
