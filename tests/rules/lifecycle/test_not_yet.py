"""What this version does not do is refused with its rule, and never waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schemas.catalogue import TOPICS
from schemas.types import care, sma, sop, sx
from schemas.types.common import Address
from services.lifecycle.rules.not_yet import REASON, RULES
from services.lifecycle.rules.routes import ANSWERS, COMMANDS, FACTS, TOLD
from services.lifecycle.service import INPUTS
from tests.rules.lifecycle.given import ADMIN, PDF, Given
from tests.rules.lifecycle.world import World

PLACE = Address(street="s", zip="28001", city="c", country="ES")
COST = {
    "request_id": "r1",
    "kind": "TRANSPORT",
    "amount": Decimal("10.00"),
    "justification": "far",
    "description": "far away",
}
FIELDS: dict[type[Any], dict[str, Any]] = {
    sop.RescheduleSx: {"planned_on": date(2026, 3, 12), "half_day": "AM"},
    sop.CancelSx: {"reason": "OTHER", "justification": "a good reason"},
    sop.ChangeDuration: {"minutes": 60},
    sop.ChangeWorksite: {"worksite": PLACE},
    sop.ChangeContact: {"email": "two@example.com"},
    sop.AddNote: {"text": "t", "share_with_pro": True},
    sop.AddDocument: {"document": PDF},
    sop.AddExtraCost: COST,
    sop.AnswerExtraCost: {"request_id": "r1", "accepted": True},
    sop.UploadReport: {"document": PDF},
    sop.RemoveReport: {"sha256": "0" * 64},
    sop.DeclareBudgetSent: {},
    sop.AnswerQuotation: {"approved": True},
    sop.ResendWcf: {},
    sop.UploadWcf: {"document": PDF},
    sop.CloseWcf: {"justification": "a good reason"},
    sop.OpenRework: {
        "codes": ("49010001",),
        "cause": "PRODUCT_WRONG",
        "description": "it is wrong",
    },
    sma.ReportUploaded: {"document": PDF},
    sma.JobCanceledByPro: {"reason": "ill"},
    sma.JobRescheduledByPro: {"planned_on": date(2026, 3, 12), "half_day": "AM"},
    sma.JobStartIssueReported: {"issue": "CUSTOMER_ABSENT"},
    sma.InvoiceDisputed: {"reason": "too low"},
    sma.ExtraCostRequested: COST,
    sma.JobNoteAdded: {"text": "t"},
    sma.JobDocumentAdded: {"document": PDF},
    care.RescheduleRequested: {},
    care.CancellationRequested: {},
    care.AddressChangeRequested: {"worksite": PLACE},
    care.ContactChangeRequested: {},
    care.NoShowReported: {},
    care.WarrantyClaimed: {"description": "broken"},
}
SHARED: dict[str, dict[str, Any]] = {
    sop.__name__: {"actor": ADMIN},
    sma.__name__: {"provider_id": "LMES:411"},
    care.__name__: {"channel": "CARE"},
}
KINDS = sorted(RULES, key=lambda kind: kind.__name__)


def _event(kind: type[Any], sx_id: str) -> Any:
    return kind(**{"sx_id": sx_id, **SHARED[kind.__module__], **FIELDS[kind]})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("stage", ["created", "in_progress", "closed", "canceled"])
def test_each_is_refused_at_once_with_its_rule(kind: type[Any], stage: str) -> None:
    world: World = getattr(World(), stage)()
    before = world.sx
    world.take(_event(kind, world.given.sx))
    assert world.last == (kind.__name__, "REFUSED", RULES[kind])
    assert world.refusal() == (RULES[kind], REASON)
    assert (world.sx.status, world.sx.deadlines) == (before.status, before.deadlines)
    assert world.sx.version == before.version + 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_ED_2_and_so_it_is_where_there_is_no_such_sx(kind: type[Any]) -> None:
    world = World()
    world.take(_event(kind, world.given.sx))
    rule = "SX-5" if kind is sma.ReportUploaded else "ED-2"
    assert world.last == (kind.__name__, "REFUSED", rule)
    refused = world.one(sx.ActionRefused)
    assert (refused.version, refused.sx, refused.person) == (0, None, None)
    assert world.state is None


@pytest.mark.parametrize(("kind", "letter"), [("TECHNICAL_VISIT", "V"), ("BUDGET", "B")])
def test_SX_5_a_visits_check_out_is_refused_also_before_it_exists(kind: str, letter: str) -> None:
    world = World()
    world.given = Given("LMES", letter)
    world.take(world.given.check_out())
    assert world.last == ("CheckedOut", "REFUSED", "SX-5")
    world.in_progress(kind=kind).take(world.given.check_out())
    assert world.last == ("CheckedOut", "REFUSED", "SX-5")
    assert world.sx.status == "IN_PROGRESS"


def test_every_type_of_an_input_topic_has_its_place() -> None:
    known = {*FACTS, *COMMANDS, *TOLD, *ANSWERS, *RULES}
    for topic in INPUTS:
        for record in TOPICS[topic].records:
            assert record in known or record.__name__ in ("SxRequested", "Answer"), record
