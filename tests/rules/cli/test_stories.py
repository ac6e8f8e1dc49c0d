"""What `sx show` says of an Sx and a Px (SX-17)."""

import io
from typing import Any

import msgspec
from rich.console import Console, RenderableType

from cli.show import _unknown
from cli.stories import as_data, px_shown, sx_shown
from schemas.types.common import Person, PxSnapshot, SxSnapshot
from services.read_model.rules.views import (
    HistoryEntry,
    MessageView,
    PxState,
    PxStory,
    SxState,
    SxStory,
    TaskView,
)

MARCH = 1_772_445_600_000
SX = "LMES-701271-I-1"


def _entry(**more: Any) -> HistoryEntry:
    base = {"version": 1, "at": MARCH, "type": "SxCreated", "what": "Created", "rule": "OR-1"}
    return msgspec.convert(base | more, HistoryEntry)


def _story(**more: Any) -> SxStory:
    story = SxStory(
        sx_id=SX,
        state=SxState(sx_id=SX, bu="LMES", version=2, sx=_snapshot()),
        person=Person(client_id="C1", name="Customer One"),
        history=(
            _entry(),
            _entry(
                version=2,
                what="Contract signed on paper",
                who="u1",
                role="SELLER",
                rule="CO-3",
                why="no e-mail",
                code="127 CONTRACT_SIGNATURE_IN_PAPER",
            ),
        ),
        tasks=(
            TaskView(
                task_id=f"{SX}:wcf_reserves:1",
                kind="wcf_reserves",
                status="OPEN",
                priority="normal",
                cause="e1",
                opened_at=MARCH,
            ),
        ),
        messages=(
            MessageView(
                message_id=f"{SX}:survey:1:CUSTOMER",
                template="survey",
                channel="EMAIL",
                recipient="CUSTOMER",
                sent=False,
                at=MARCH,
                cause="GAVE_UP",
            ),
        ),
    )
    return msgspec.structs.replace(story, **more)


def _snapshot() -> SxSnapshot:
    return SxSnapshot(
        status="SCHEDULED",
        kind="INSTALLATION",
        tags=("MANUAL_DISTRIBUTED",),
        flags=(),
        round=1,
        contract_version=1,
        px_id="LMES-P-701271-1",
        order_id="LMES:701271",
        store_id="LMES:28",
        channel="STORE",
        customer_key="k",
        duration_minutes=180,
        codes=("49010001",),
        skills=(),
        paid=True,
        updated_at=MARCH,
    )


def _printed(shown: RenderableType) -> str:
    console = Console(width=200, file=io.StringIO())
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_SX_17_the_history_says_when_who_what_why_and_the_code() -> None:
    text = _printed(sx_shown(_story()))
    (line,) = [line for line in text.splitlines() if "CONTRACT_SIGNATURE_IN_PAPER" in line]
    for part in ("2026-03-02T10:00:00Z", "u1 (seller)", "Contract signed on paper", "no e-mail"):
        assert part in line
    assert "127 CONTRACT_SIGNATURE_IN_PAPER" in line


def test_an_sx_is_shown_with_state_tasks_and_messages() -> None:
    text = _printed(sx_shown(_story()))
    for part in ("SCHEDULED", "MANUAL_DISTRIBUTED", "wcf_reserves", "not sent: GAVE_UP"):
        assert part in text


def test_ED_2_an_sx_of_which_there_are_refusals_alone_is_told_so() -> None:
    text = _printed(sx_shown(_story(state=None, person=None, tasks=(), messages=())))
    assert "there is no such Sx" in text


def test_a_px_is_shown_with_its_history() -> None:
    px = PxSnapshot(
        px_id="LMES-P-701271-1",
        bu="LMES",
        customer_key="k",
        status="NEW",
        sx_ids=(SX,),
        opened_at=MARCH,
    )
    state = PxState(px_id=px.px_id, bu="LMES", version=2, px=px)
    text = _printed(px_shown(PxStory(px_id=px.px_id, state=state, history=(_entry(),))))
    assert SX in text
    assert "NEW" in text


def test_programs_get_instants_as_texts() -> None:
    told = as_data(_story())
    assert told["state"]["sx"]["updated_at"] == "2026-03-02T10:00:00Z"
    assert told["history"][0]["at"] == "2026-03-02T10:00:00Z"
    assert told["tasks"][0]["opened_at"] == "2026-03-02T10:00:00Z"
    assert told["messages"][0]["at"] == "2026-03-02T10:00:00Z"


def test_an_unknown_id_is_answered_with_those_that_resemble_it() -> None:
    assert SX in _unknown("LMES-70127-I-1", [SX], "")
    assert "read_model" in _unknown(SX, [], "")
