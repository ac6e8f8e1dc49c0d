"""One customer's row under the rules of Px alone: events folded, outputs kept, no kernel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from schemas.types import lifecycle, order_ingest, px
from schemas.types.order_ingest import ExtraLines, NewSx, OrderAccepted
from services.order_ingest.rules.px.stage import PxRules
from services.order_ingest.rules.px.state import Customer
from streams.envelope import Envelope
from streams.record import Record
from streams.rules import Accept, Context, Message, Send, Verdict
from tests.rules.around import NoRows
from tests.rules.order_ingest.given import CUSTOMER, WORKSITE
from tests.rules.order_ingest.world import policies

KEY = "LMES:f:00"


def accepted(number: int, place: str = "28805", count: int = 1, **fields: Any) -> OrderAccepted:
    """Order `number` with so many Sx at a place."""
    given: dict[str, Any] = {
        "order_id": f"LMES:{number}",
        "bu": "LMES",
        "customer_key": KEY,
        "place_key": place,
        "store_id": "LMES:28",
        "channel": "STORE",
        "ordered_on": date(2026, 3, 2),
        "paid": True,
        "revision": 1,
        "customer": CUSTOMER,
        "worksite": WORKSITE,
        "sx": tuple(new_sx(number, n) for n in range(1, count + 1)),
    }
    return OrderAccepted(**(given | fields))


def new_sx(number: int, n: int, kind: str = "INSTALLATION") -> NewSx:
    """Sx `n` of order `number`."""
    return NewSx(
        sx_id=f"LMES-{number}-I-{n}",
        kind=kind,
        group="",
        services=(),
        planned_on=date(2026, 3, 9),
        half_day="AM",
        floor_on=date(2026, 3, 5),
        duration_minutes=60,
        first=n == 1,
    )


def progress(sx_id: str, status: str, at: int) -> lifecycle.SxProgress:
    """An Sx has come to a status."""
    return lifecycle.SxProgress(
        sx_id=sx_id,
        bu="LMES",
        px_id="",
        customer_key=KEY,
        kind="INSTALLATION",
        status=status,
        at=at,
    )


def extra_for(sx_id: str) -> ExtraLines:
    """An EXTRA for an Sx, its lines left out."""
    return ExtraLines(sx_id=sx_id)


class Desk:
    """Decides one input after the other on the row of one customer."""

    def __init__(self) -> None:
        self.rules = PxRules(policies())
        self.state: Customer | None = None
        self.sent: list[msgspec.Struct] = []

    def take(self, event: msgspec.Struct, now: int) -> Verdict:
        """Decides an input dated `now` (ms) and lets happen what it brings."""
        topic = (
            "lifecycle.px" if isinstance(event, lifecycle.SxProgress) else "order_ingest.grouping"
        )
        envelope = Envelope(f"{now}", type(event).__name__, now)
        record = Record(topic, 0, 0, KEY.encode(), b"", (), now)
        context = Context(now, now, envelope, {}, NoRows())
        verdict = self.rules.decide(
            self.state, Message(topic, KEY, event, envelope, record), context
        )
        if isinstance(verdict, Accept):
            self._happen(verdict.events, context)
        return verdict

    def fire(self, until: int) -> None:
        """Fires what is due by `until` (ms), in due order."""
        while self.state is not None and self.state.deadlines:
            name, at = min(self.state.deadlines.items(), key=lambda item: (item[1], item[0]))
            if at > until:
                return
            context = Context(at, at, Envelope("deadline", "DEADLINE", at), {}, NoRows())
            self._happen(self.rules.due(self.state, name, at, context), context)

    def _happen(self, events: Sequence[Any], context: Context) -> None:
        for event in events:
            before, self.state = self.state, self.rules.evolve(self.state, event)
            for output in self.rules.outputs(before, event, self.state, context):
                assert isinstance(output, Send)
                assert output.event is not None
                self.sent.append(output.event)

    def px_events(self) -> list[px.PxOpened | px.PxSxAdded | px.PxStatusChanged]:
        """What everybody was told of Px, in order."""
        kinds = px.PxOpened | px.PxSxAdded | px.PxStatusChanged
        return [event for event in self.sent if isinstance(event, kinds)]

    def px_of(self, sx_id: str) -> str | None:
        """The Px that an Sx was created in."""
        for event in self.sent:
            if isinstance(event, order_ingest.SxRequested) and event.sx_id == sx_id:
                return event.px_id
        return None

    def statuses(self) -> dict[str, str]:
        """The status of each Px."""
        return {} if self.state is None else {found.px_id: found.status for found in self.state.px}
