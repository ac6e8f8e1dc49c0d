"""The history, tags, snapshots and documents (SX-16 to SX-19, ED-12, ED-18, ED-19)."""

from __future__ import annotations

import re

import pytest

from schemas.types import sx
from services.lifecycle.rules import changes
from services.lifecycle.rules.document import not_allowed
from services.lifecycle.rules.history import CODES, STATUS_CODES
from services.lifecycle.rules.snapshot import snapshot
from tests.rules.lifecycle.given import OPERATOR, document
from tests.rules.lifecycle.world import World

ALL_CHANGES = [
    kind
    for kind in vars(changes).values()
    if isinstance(kind, type) and issubclass(kind, changes.Change) and kind is not changes.Change
]


def test_SX_17_every_change_has_a_code_of_the_guides_form() -> None:
    codes = [*CODES.values(), *STATUS_CODES.values(), "127 CONTRACT_SIGNATURE_IN_PAPER"]
    assert all(re.fullmatch(r"\d{3} [A-Z][A-Z_]*", code) for code in codes)
    assert len({code[:3] for code in codes}) == len(codes)
    assert len({code[4:] for code in codes}) == len(codes)
    assert set(CODES) == set(ALL_CHANGES) - {changes.SxStatusChanged}


def test_SX_17_the_guides_own_codes() -> None:
    assert CODES[changes.ContractUploaded] == "128 CONTRACT_MANUALLY_UPLOADED"
    assert CODES[changes.ContractSkipped] == "142 SKIP_CONTRACT"


@pytest.mark.parametrize("kind", ALL_CHANGES, ids=lambda kind: kind.__name__)
def test_SX_17_every_change_fills_its_public_record(kind: type[changes.Change]) -> None:
    envelope = "sx_id bu version at actor rule code reason caused_by policy_version sx person"
    public = getattr(sx, kind.__name__).__struct_fields__
    own = set(public) - set(envelope.split())
    assert own <= set(kind.__struct_fields__)


def test_SX_17_who_when_why_of_each_line() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.refuses(), world.given.picks())
    lines = [
        (type(r).__name__, r.actor.role, r.actor.id, r.caused_by, r.reason) for r in world.history
    ]
    key = world.sx.customer_key
    assert lines[:5] == [
        ("SxCreated", "SYSTEM", "pyxis", "SxRequested", None),
        ("ContractIssued", "SYSTEM", "lifecycle", "DEADLINE", None),
        ("ContractSigned", "CUSTOMER", key, "ContractSigned", None),
        ("SxStatusChanged", "CUSTOMER", key, "ContractSigned", None),
        ("OfferMade", "SYSTEM", "matching", "Offered", None),
    ]
    refused = next(line for line in lines if line[0] == "OfferRefused")
    assert refused == ("OfferRefused", "PRO", "LMFR:411", "OfferRefused", "busy")
    assert lines[-1] == ("SxStatusChanged", "OPERATOR", "op1", "AssignProvider", None)


def test_SX_17_versions_are_gapless_and_each_line_shows_the_sx_after_it() -> None:
    world = World().closed()
    assert [record.version for record in world.history] == list(range(1, len(world.history) + 1))
    assert world.history[-1].sx == snapshot(world.sx)
    assert [r.sx.updated_at for r in world.history] == [r.at for r in world.history]


def test_ED_12_each_line_names_the_policy_that_decided() -> None:
    world = World().closed()
    assert {record.policy_version for record in world.history} == {world.policy.version}


def test_ED_18_personal_fields_stand_in_person_alone() -> None:
    world = World().closed()
    for record in world.history:
        person = record.person
        assert (person.name, person.email, person.zip) == ("One", "one@example.com", "28805")
        rest = str(record).replace(str(person), "")
        for field in ("F1", "one@example.com", "+34600", "Calle Mayor"):
            assert field not in rest


def test_SX_18_the_contracts_tag_is_on_while_a_version_is_out_and_unsigned() -> None:
    world = World().created()
    assert list(world.sx.tags) == []
    world.take(world.given.send("QR"))
    assert world.sx.tags == ("ACCEPTANCE_SALES_CONDITIONS",)
    assert World().scheduled().sx.tags == ()
    for end in ("canceled", "skipped"):
        ended = World().sent_out()
        ended.take(ended.given.canceled() if end == "canceled" else ended.given.skip())
        assert ended.sx.tags == ()


def test_SX_18_it_is_off_when_closed() -> None:
    world = World().with_worker()
    world.take(world.given.send(), world.given.check_in(), world.given.check_out())
    assert list(world.sx.tags) == ["ACCEPTANCE_SALES_CONDITIONS"]
    world.take(world.given.wcf_signed(), world.given.survey())
    assert (world.sx.status, list(world.sx.tags)) == ("CLOSED", [])


def test_SX_19_a_refusal_is_in_the_history_and_the_state_untouched() -> None:
    world = World().created()
    before = world.sx
    world.take(world.given.picks())
    refused = world.one(sx.ActionRefused)
    assert (refused.type, refused.rule, refused.actor) == ("AssignProvider", "AC-9", OPERATOR)
    assert refused.reason == "not allowed in status PRE_SCHEDULED: assign by hand"
    assert refused.version == before.version + 1
    assert (world.sx.status, world.sx.deadlines, world.sx.touched) == (
        before.status,
        before.deadlines,
        before.touched,
    )


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.pdf", "application/pdf"),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.xls", "application/vnd.ms-excel"),
        ("contract", "application/pdf"),
        ("kitchen of 04.03", "image/jpeg"),
    ],
)
def test_SX_16_allowed_types(name: str, mime: str) -> None:
    assert not_allowed(document(name, mime), None) is None


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.exe", "application/pdf"),
        ("a.pdf", "application/x-msdownload"),
        ("a.gif", "image/gif"),
        ("a", "text/plain"),
        ("a.", "image/png"),
    ],
)
def test_SX_16_others_are_refused(name: str, mime: str) -> None:
    refusal = not_allowed(None, document(name, mime))
    assert refusal is not None
    assert refusal.rule == "SX-16"


def test_ED_19_a_document_travels_as_a_reference() -> None:
    world = World().with_worker()
    world.take(world.given.check_in("", document()))
    (kept,) = world.one(sx.CheckedIn).documents
    assert (kept.uri, kept.size, kept.mime) == ("s3://x/photo.jpg", 2048, "image/jpeg")
    assert len(kept.sha256) == 64
