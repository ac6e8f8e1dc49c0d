"""Each message once: what was decided, what `notifications` tell, what the targets received (NO-1).

A message's id is its idempotency key: a mail carries it in its `Message-ID`, an SMS a reference
that follows from it, a push in its data. A repeated attempt is one that came again under the same
key and with the same content (K-26); `repeated` counts them, none of them is a violation.
"""

from __future__ import annotations

from base64 import b32encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from urllib.parse import quote

from tests.chaos.checker.world import Data, Seen, Violation, World

SENT, FAILED = "MessageSent", "MessageFailed"
TARGETS = {"EMAIL": "mails", "SMS": "sms", "PUSH": "pushes"}
"""Channels, and what the stand-ins call what came by them."""


def looked_at(world: World) -> int:
    """How many messages told, and how many received."""
    received = world.received or {}
    return len(world.of("notifications")) + sum(len(received.get(t, ())) for t in TARGETS.values())


def repeated(world: World) -> int:
    """How many deliveries repeat one under the same key."""
    received = world.received or {}
    return sum(
        number - 1
        for target in TARGETS.values()
        for number in Counter(key_of(target, entry) for entry in received.get(target, ())).values()
    )


def check(world: World) -> Iterator[Violation]:
    """Kinds: message-twice, message-untold, message-undecided, delivery-*."""
    told: dict[str, tuple[Seen, Data]] = {}
    for record, event in world.events("notifications"):
        first, _ = told.setdefault(event["message_id"], (record, event))
        if first is not record:
            what = f"{event['message_id']} is told here and by {first.where}"
            yield Violation("message-twice", record.where, what)
    yield from _decided(world, told)
    if world.received is not None:
        for channel, target in TARGETS.items():
            entries = world.received.get(target, ())
            yield from _delivered(world, channel, target, entries, told)


def _decided(world: World, told: Mapping[str, tuple[Seen, Data]]) -> Iterator[Violation]:
    """What the notifier's rows say it has decided is told, and nothing else is."""
    decided: set[str] = set()
    for row in world.rows_of("notifier", "messages"):
        state = row.state or {}
        decided |= set(state.get("decided", ()))
        for message_id in state.get("decided", ()):
            if message_id not in told and message_id not in state.get("awaited", {}):
                what = f"{message_id} is decided and neither sent nor failed"
                yield Violation("message-untold", row.where, what)
    for message_id, (record, _) in told.items():
        if message_id not in decided:
            what = f"{message_id} is told, and no row says that it was decided"
            yield Violation("message-undecided", record.where, what)


def _delivered(
    world: World,
    channel: str,
    target: str,
    entries: Sequence[Data],
    told: Mapping[str, tuple[Seen, Data]],
) -> Iterator[Violation]:
    intents = {
        key_for(target, message_id): (record, event)
        for message_id, (record, event) in told.items()
        if event["channel"] == channel
    }
    came: dict[str, Data] = {}
    for entry in entries:
        key = key_of(target, entry)
        where = f"{target}: {key or '(no key)'}"
        if key not in intents:
            yield Violation("delivery-unfounded", where, "no message is told under this key")
        elif _content(target, entry) != _content(target, came.setdefault(key, entry)):
            yield Violation("delivery-differs", where, "came again with another content")
    spared = _spared(world, target)
    for key, (record, event) in intents.items():
        if record.type != SENT or key in came:
            continue
        if channel == "PUSH" and not _has_token(world, event["provider_id"]):
            continue
        if spared > 0:
            spared -= 1
            continue
        what = f"{event['message_id']} is told as sent, and did not come"
        yield Violation("delivery-missing", record.where, what)


def _spared(world: World, target: str) -> int:
    """How many pushes may be missing: FCM refused them, which is told to nobody (NO-3)."""
    refused = (world.received or {}).get("refused", ())
    return sum(each["target"] == "push" for each in refused) if target == "pushes" else 0


def _has_token(world: World, provider_id: str | None) -> bool:
    """Whether each record that the provider ever had names a token to push to."""
    records = [
        event for record, event in world.events("matching.providers") if record.key == provider_id
    ]
    return bool(records) and all(event.get("push_token") for event in records)


def key_for(target: str, message_id: str) -> str:
    """The key under which a target gets a message."""
    match target:
        case "mails":
            return quote(message_id.replace(":", ".").replace("/", "-"), safe="")
        case "sms":
            return f"Ref {b32encode(blake2b(message_id.encode(), digest_size=5).digest()).decode()}"
        case _:
            return message_id


def key_of(target: str, entry: Data) -> str:
    """The key that something received carries, empty where it carries none."""
    match target:
        case "mails":
            return str(entry["message_id"]).strip("<>").rpartition("@")[0]
        case "sms":
            last = str(entry["body"]).rpartition("\n")[2]
            return last if last.startswith("Ref ") else ""
        case _:
            return str(entry.get("data", {}).get("message_id", ""))


def _content(target: str, entry: Data) -> tuple[object, ...]:
    names = {
        "mails": ("to", "subject", "text", "date"),
        "sms": ("to", "body"),
        "pushes": ("token", "fid", "notification"),
    }[target]
    return tuple(entry.get(name) for name in names)
