"""What the texts of a message may say of the Sx (NO-3: nothing personal to a Pro)."""

from typing import Any

from schemas.types import sx
from schemas.types.common import Person
from services.notifier.rules.wording import Facts


def facts_of(
    event: Any, person: Person | None, services: tuple[str, ...], provider: str | None
) -> Facts:
    """The facts as they stand after the event.

    person: the customer where the message is his, else None. provider: the Pro's name.
    """
    snapshot = event.sx
    planned_on = None if snapshot is None else snapshot.planned_on
    half_day = None if snapshot is None else snapshot.half_day
    moved = event if isinstance(event, sx.PlannedDateChanged) else None
    if moved is not None:
        planned_on, half_day = moved.to_on, moved.to_half_day
    return Facts(
        order_no="" if snapshot is None else snapshot.order_id.partition(":")[2],
        sx_id=event.sx_id,
        name="" if person is None else person.name,
        services=services,
        planned_on=planned_on,
        half_day=half_day,
        before_on=None if moved is None else moved.from_on,
        before_half=None if moved is None else moved.from_half_day,
        provider=provider or "",
        reference=getattr(event, "agreement_id", None) or "",
    )
