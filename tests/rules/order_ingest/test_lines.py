"""Lines and codes of an order: groups, kinds, ids, durations (OR-2, OR-12, SX-13, ED-20)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types.common import SxLine
from services.order_ingest.rules.orders.groups import KIND_LETTERS, grouped
from services.order_ingest.rules.orders.lines import ServiceLine, starting_duration


def sx_line(
    number: int, skill: str = "HVAC.AIR", kind: str = "SERVICE", quantity: str = "1", each: int = 60
) -> SxLine:
    return SxLine(
        line_no=number,
        code=f"4900000{number}",
        label="",
        quantity=Decimal(quantity),
        unit_price=Decimal(10),
        kind=kind,
        profession=skill.partition(".")[0],
        specialty=skill,
        duration_minutes=each,
    )


def service(number: int, skill: str = "HVAC.AIR", kind: str = "INSTALLATION") -> ServiceLine:
    return ServiceLine(kind, sx_line(number, skill))


SERVICES = st.lists(
    st.builds(
        service,
        st.integers(1, 40),
        st.sampled_from(["HVAC.AIR", "HVAC.HEAT", "JOINERY.DOORS"]),
        st.sampled_from(sorted(KIND_LETTERS)),
    ),
    unique_by=lambda service: service.line.line_no,
    max_size=8,
)


@pytest.mark.parametrize(
    ("group_by", "sx"),
    [
        ("profession_specialty", {"I-1": (1, 4), "I-2": (2,), "I-3": (3,)}),
        ("profession", {"I-1": (1, 2, 4), "I-2": (3,)}),
        ("order", {"I-1": (1, 2, 3, 4)}),
    ],
)
def test_OR_2_one_sx_for_each_group(group_by: str, sx: dict[str, tuple[int, ...]]) -> None:
    lines = [
        service(1, "HVAC.AIR"),
        service(2, "HVAC.HEAT"),
        service(3, "JOINERY.DOORS"),
        service(4, "HVAC.AIR"),
    ]
    found = grouped("LMES:7", group_by, lines)
    assert {g.sx_id: tuple(line.line_no for line in g.lines) for g in found} == {
        f"LMES-7-{name}": numbers for name, numbers in sx.items()
    }


def test_OR_12_a_mixed_order_is_split_by_kind() -> None:
    lines = [service(1), service(2, kind="TECHNICAL_VISIT"), service(3, kind="BUDGET"), service(4)]
    found = grouped("LMPT:7", "order", lines)
    assert [(group.sx_id, group.kind) for group in found] == [
        ("LMPT-7-I-1", "INSTALLATION"),
        ("LMPT-7-V-1", "TECHNICAL_VISIT"),
        ("LMPT-7-B-1", "BUDGET"),
    ]


def test_OR_2_ids_count_by_lowest_line_within_the_kind() -> None:
    lines = [
        service(9, "HVAC.AIR"),
        service(3, "JOINERY.DOORS"),
        service(5, "HVAC.HEAT", "TECHNICAL_VISIT"),
    ]
    found = grouped("LMES:7", "profession_specialty", lines)
    assert [(g.sx_id, g.lines[0].line_no) for g in found] == [
        ("LMES-7-I-1", 3),
        ("LMES-7-V-1", 5),
        ("LMES-7-I-2", 9),
    ]


@given(SERVICES, st.sampled_from(["profession_specialty", "profession", "order"]))
def test_OR_2_every_line_is_in_one_sx_whatever_the_order_of_lines(
    services: list[ServiceLine], group_by: str
) -> None:
    found = grouped("LMES:7", group_by, services)
    assert found == grouped("LMES:7", group_by, list(reversed(services)))
    placed = [line.line_no for group in found for line in group.lines]
    assert sorted(placed) == sorted(service.line.line_no for service in services)
    assert len({group.sx_id for group in found}) == len(found)
    assert len({(group.kind, group.group) for group in found}) == len(found)
    lowest = [group.lines[0].line_no for group in found]
    assert lowest == sorted(lowest)


def test_SX_13_the_duration_is_the_sum_of_standard_durations_times_quantity() -> None:
    assert starting_duration([sx_line(1, each=60, quantity="2"), sx_line(2, each=45)]) == 165
    assert starting_duration([]) == 0


def test_SX_13_part_of_a_minute_counts_whole() -> None:
    assert starting_duration([sx_line(1, each=45, quantity="1.5")]) == 68
    assert starting_duration([sx_line(1, each=1, quantity="0.001")]) == 1


def test_SX_13_extra_codes_add_none() -> None:
    assert starting_duration([sx_line(1, each=60), sx_line(2, kind="EXTRA", each=45)]) == 60
