"""Table AC (SX-19): who may do what, when."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import msgspec
import pytest
from msgspec.structs import replace

from schemas.types.common import Actor
from services.lifecycle.rules import access
from services.lifecycle.rules.access import TABLE, Action
from services.lifecycle.rules.status import BY_CODE
from tests.rules.lifecycle.given import Given
from tests.rules.lifecycle.world import World

CODES = {status: code for code, status in BY_CODE.items()}

UNTIL_05 = "00 01 02 04 05"
ALL = "00 01 02 04 05 06 07 08 09 10 11"
NOT_09 = "00 01 02 04 05 06 07 08 10 11"

EXPECTED = {
    "AC-1": [{"SELLER": "00", "OPERATOR": UNTIL_05, "PRO": "04 05"}],
    "AC-2": [{"SELLER": "00 01 02 04", "OPERATOR": "00 01 02 04"}],
    "AC-3": [{"SELLER": "00 01 02 04 05 06 07", "OPERATOR": "00 01 02 04 05 06 07"}],
    "AC-4": [{"SELLER": "01 02 04 05 06 07", "OPERATOR": "01 02 04 05 06 07"}],
    "AC-5": [{"SELLER": "00", "OPERATOR": "00"}],
    "AC-6": [{"SELLER": UNTIL_05, "OPERATOR": UNTIL_05}],
    "AC-7": [{"SELLER": f"{UNTIL_05} 11", "OPERATOR": f"{UNTIL_05} 11"}],
    "AC-8": [{"SELLER": NOT_09, "OPERATOR": NOT_09}],
    "AC-9": [{"OPERATOR": "01 02 04 05"}],
    "AC-10": [{"EXECUTION_ADMIN": f"{UNTIL_05} 11"}],
    "AC-11": [{"OPERATOR": ALL, "PRO": ALL}],
    "AC-12": [{"OPERATOR": "04 05", "PRO": "04 05"}],
    "AC-13": [{"OPERATOR": "04 05 06 07"}],
    "AC-14": [{"PRO": "04 05"}, {"PRO": "04"}, {"PRO": "05"}],
    "AC-15": [{"OPERATOR": "05 07", "PRO": "04 05 07"}],
    "AC-16": [{"OPERATOR": "05 07"}],
    "AC-17": [{"OPERATOR": "07"}],
    "AC-18": [{"OPERATOR": "06 07"}, {"OPERATOR": "06"}],
    "AC-19": [{"OPERATOR": "06 07 08 10"}],
    "AC-20": [{"PRO": "02 04"}, {"PRO": "04 05"}, {"PRO": "08"}],
    "AC-21": [
        {"CUSTOMER": f"{UNTIL_05} 11", "CARE": f"{UNTIL_05} 11"},
        {"CUSTOMER": "04", "CARE": "04"},
        {"CUSTOMER": "07 08", "CARE": "07 08"},
        {"CUSTOMER": "07 08", "CARE": "07 08"},
    ],
    "AC-22": [
        {"SELLER": ALL, "OPERATOR": ALL},
        {"SELLER": ALL, "OPERATOR": ALL, "PRO": ALL, "CUSTOMER": ALL, "CARE": ALL},
        {"OPERATOR": ALL},
    ],
}


def _codes(action: Action) -> dict[str, str]:
    return {
        role: " ".join(sorted(CODES[status] for status in cell.statuses))
        for role, cell in action.cells.items()
        if role != "EXECUTION_ADMIN" or "OPERATOR" not in action.cells
    }


def test_AC_the_table_is_the_specs_all_22_rows() -> None:
    found: dict[str, list[dict[str, str]]] = {}
    for action in TABLE:
        found.setdefault(action.rule, []).append(_codes(action))
    assert found == EXPECTED


@pytest.mark.parametrize("action", TABLE, ids=lambda action: f"{action.rule} {action.name}")
def test_AC_each_cell_names_the_row_that_refuses(action: Action) -> None:
    assert {cell.rule for cell in action.cells.values()} == {action.rule}


@pytest.mark.parametrize("action", TABLE, ids=lambda action: f"{action.rule} {action.name}")
def test_AC_an_execution_admin_may_do_all_that_an_operator_may(action: Action) -> None:
    if "OPERATOR" in action.cells:
        assert action.cells["EXECUTION_ADMIN"] == action.cells["OPERATOR"]


ROLES = ("SELLER", "OPERATOR", "EXECUTION_ADMIN", "PRO", "CUSTOMER", "CARE", "SYSTEM")

COMMANDS: list[tuple[Action, Callable[[Given, Actor], object]]] = [
    (access.SEND_CONTRACT, lambda given, actor: given.send(actor=actor)),
    (access.CONFIRM_PAPER, lambda given, actor: given.confirm_paper(actor=actor)),
    (access.UPLOAD_CONTRACT, lambda given, actor: given.upload(actor=actor)),
    (access.SKIP_CONTRACT, lambda given, actor: given.skip(actor=actor)),
    (access.ASSIGN, lambda given, actor: given.picks(actor=actor)),
]
STAGES = (
    "created",
    "scheduled",
    "distributed",
    "confirmed",
    "in_progress",
    "waiting_for_wcf",
    "done",
    "closed",
    "canceled",
)


@pytest.mark.parametrize("stage", STAGES)
def test_SX_19_a_role_or_status_that_is_not_listed_is_refused_by_its_row(stage: str) -> None:
    world: World = getattr(World(), stage)()
    before = world.sx
    for (action, build), role in product(COMMANDS, ROLES):
        world.state = before
        world.take(build(world.given, msgspec.convert({"id": "x", "role": role}, Actor)))
        cell = action.cells.get(role)
        if cell is None or before.status not in cell.statuses:
            assert world.last[1:] == ("REFUSED", action.rule)
            assert world.refusal()[0] == action.rule
            assert world.sx == replace(before, version=before.version + 1)
        elif world.last[1] == "REFUSED":
            assert "not allowed in status" not in world.refusal()[1]
            by_policy = action is access.SKIP_CONTRACT  # `contract.skip` says who may
            assert by_policy or "may not" not in world.refusal()[1]
