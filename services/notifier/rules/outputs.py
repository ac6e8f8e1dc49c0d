"""What each event tells `notifications` and the carriers (NO-1, NO-3, NO-6)."""

from collections.abc import Iterator
from typing import Any

import msgspec

from schemas.types.notifications import MessageFailed, MessageSent
from services.notifier.rules.events import (
    Event,
    MessageDelivered,
    MessageDue,
    MessageGivenUp,
    MessageShown,
    MessageUndeliverable,
)
from services.notifier.rules.state import Messages, Told
from streams.rules import Context, Effect, Send

NOTIFICATIONS = "notifications"
PUSH = "push"


def outputs(before: Messages | None, event: Event, context: Context) -> Iterator[Send | Effect]:
    """A customer's message is told once delivered, a Pro's at once; both dated as their cause."""
    match event:
        case MessageDue(told=told, target=target, payload=payload, give_up_after=limit):
            yield _effect(told, target, payload, limit, context)
        case MessageShown(told=told, push=push, give_up_after=limit):
            yield _sent(told, context)
            if push is not None:
                yield _effect(told, PUSH, push, limit, context)
        case MessageUndeliverable(told=told, cause=cause):
            yield _failed(told, cause, context)
        case MessageDelivered(message_id=message_id) if before is not None:
            yield _sent(before.awaited[message_id], context)
        case MessageGivenUp(message_id=message_id, cause=cause) if before is not None:
            yield _failed(before.awaited[message_id], cause, context)


def _effect(told: Told, target: str, payload: dict[str, Any], limit: int, at: Context) -> Effect:
    return Effect(
        key=told.message_id,
        target=target,
        payload=payload,
        at=at.now,
        first_attempt=at.clock,
        give_up_after=limit,
    )


def _sent(told: Told, context: Context) -> Send:
    fields = msgspec.structs.asdict(told)
    return Send(NOTIFICATIONS, told.sx_id, MessageSent(**fields, at=context.now))


def _failed(told: Told, cause: str, context: Context) -> Send:
    fields = msgspec.structs.asdict(told)
    return Send(NOTIFICATIONS, told.sx_id, MessageFailed(**fields, at=context.now, cause=cause))
