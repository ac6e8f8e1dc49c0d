"""What `sx show` asks: the story of an Sx or a Px, from the store, or from the topics' records."""

from __future__ import annotations

from collections.abc import Iterable

from services.read_model.rules.projection import puts, px_entity, sx_entity
from services.read_model.rules.reading import px_story, sx_story
from services.read_model.rules.views import PxStory, SxStory
from services.read_model.store import MemoryStore, ReadStore
from streams.codec import Codec
from streams.headers import envelope_of
from streams.record import Record

TOPICS = ("sx.events", "px.events", "tasks", "notifications")
"""What the read model is made from."""


def show_sx(store: ReadStore, sx_id: str) -> SxStory | None:
    """The story of an Sx, None where nothing is known of it; raises `StoreAway`."""
    return sx_story(sx_id, store.read(sx_entity(sx_id)))


def show_px(store: ReadStore, px_id: str) -> PxStory | None:
    """The story of a Px, None where nothing is known of it; raises `StoreAway`."""
    return px_story(px_id, store.read(px_entity(px_id)))


def stored(records: Iterable[Record], codec: Codec) -> MemoryStore:
    """A store made from the records of `TOPICS`, in any order: for the simulation.

    Raises `streams.codec.Undecodable`.
    """
    store = MemoryStore()
    for record in records:
        if record.value is not None:
            event = codec.decode(record.topic, record.value)
            store.write(puts(event, envelope_of(record).id))
    return store
