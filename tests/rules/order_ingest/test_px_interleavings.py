"""PX-7: in whatever order a customer's orders and the progress of their Sx come, and however late
a deadline fires, he never has two open Px for one place.
"""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.types import order_ingest
from services.order_ingest.rules.px.status import status_of
from tests.rules.order_ingest.desk import Desk, accepted, progress
from tests.rules.order_ingest.world import DAY

LIFE = ("PRE_SCHEDULED", "SCHEDULED", "CONFIRMED", "IN_PROGRESS", "DONE", "CLOSED")
PLACES = ("28805", "28806")
OPEN = ("NEW", "ONGOING", "ON_HOLD")
DAYS = st.one_of(st.integers(0, 40), st.integers(0, 300))


@dataclass(frozen=True)
class Order:
    """An order arrives, dated on a day; created canceled, or not (ED-3)."""

    place: str
    count: int
    canceled: bool
    day: int


@dataclass(frozen=True)
class Step:
    """The Sx number `which` (of those not at an end) goes so many statuses on, None: canceled."""

    which: int
    on: int | None
    day: int


@dataclass(frozen=True)
class Fire:
    """The worker has read its inputs up to a day: what is due fires."""

    day: int


ORDERS = st.builds(
    Order, st.sampled_from(PLACES), st.integers(1, 2), st.sampled_from([False, False, True]), DAYS
)
STEPS = st.builds(Step, st.integers(0, 4), st.sampled_from([1, 5, 5, None]), DAYS)
ACTIONS = st.lists(st.one_of(ORDERS, STEPS, STEPS, st.builds(Fire, DAYS)), min_size=4, max_size=30)


class Customer:
    """Plays actions on one row and knows what each Sx went through."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.life: dict[str, str] = {}
        self.orders = 0

    def play(self, action: Order | Step | Fire) -> None:
        now = action.day * DAY
        match action:
            case Order(place=place, count=count, canceled=canceled):
                self.orders += 1
                order = accepted(self.orders, place, count, canceled=canceled)
                self.desk.take(order, now)
                for sx in order.sx:
                    self.life[sx.sx_id] = "CANCELED" if canceled else LIFE[0]
            case Step(which=which, on=on):
                lasting = [s for s, status in self.life.items() if status not in _ENDS]
                if lasting:
                    sx_id = lasting[which % len(lasting)]
                    reached = LIFE.index(self.life[sx_id])
                    following = LIFE[min(reached + (on or 0), len(LIFE) - 1)]
                    self.life[sx_id] = "CANCELED" if on is None else following
                    self.desk.take(progress(sx_id, self.life[sx_id], now), now)
            case Fire():
                self.desk.fire(now)

    def check(self) -> None:
        state = self.desk.state
        if state is None:
            return
        for place in PLACES:
            found = [px for px in state.px if px.place_key == place and px.status in OPEN]
            assert len(found) <= 1, f"two open Px at {place}: {found}"
        assert sorted(sx.sx_id for px in state.px for sx in px.sx) == sorted(self.life)
        for px in state.px:
            statuses = [self.life[sx.sx_id] for sx in px.sx]
            assert px.status == status_of(statuses, window_over=px.status == "CLOSED")
            assert (px.px_id in state.deadlines) == (px.status == "ON_HOLD")


_ENDS = ("CLOSED", "CANCELED")


@settings(max_examples=300, deadline=None)
@given(ACTIONS)
def test_PX_7_never_two_open_px_for_one_place(actions: list[Order | Step | Fire]) -> None:
    customer = Customer()
    for action in actions:
        customer.play(action)
        customer.check()
    versions: dict[str, list[int]] = {}
    for event in customer.desk.px_events():
        versions.setdefault(event.px_id, []).append(event.version)
        assert event.px.px_id == event.px_id
    for found in versions.values():
        assert found == list(range(1, len(found) + 1))
    requests = [e for e in customer.desk.sent if isinstance(e, order_ingest.SxRequested)]
    assert sorted(request.sx_id for request in requests) == sorted(customer.life)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(1, 5)), st.lists(st.sampled_from(PLACES), min_size=4, max_size=4))
def test_PX_7_orders_of_one_instant_share_the_px_of_their_place(
    arrival: list[int], places: list[str]
) -> None:
    desk = Desk()
    for number in arrival:
        desk.take(accepted(number, places[number - 1]), 0)
    assert desk.state is not None
    assert len(desk.state.px) == len(set(places))
    for number in arrival:
        px_id = desk.px_of(f"LMES-{number}-I-1")
        assert px_id is not None
        assert desk.state.named(px_id).place_key == places[number - 1]
