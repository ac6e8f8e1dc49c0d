"""The catalogue of topics: every topic there is, equal to docs/topology.md and docs/events.md.

A test reads the tables of those two pages and compares them with what stands here.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from schemas.event import Event
from schemas.private import BETWEEN_SERVICES
from schemas.public import INPUTS, OUTPUTS, REFERENCES
from schemas.topic import SERVICES, Topic
from schemas.types import streams

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "order_ingest": {"orders": "order_id", "px": "customer_key"},
        "lifecycle": {"sx": "sx_id"},
        "matching": {"providers": "provider_id", "calendars": "provider_id", "searches": "sx_id"},
        "notifier": {"messages": "sx_id"},
        "ticketing": {"tasks": "sx_id"},
    }
)
"""The tables of each service, and what their rows are keyed by."""


def _of_services() -> Iterable[Topic]:
    for service in SERVICES:
        yield Topic(
            f"{service}.outcomes", "private", "as consumed", (service,), (), (streams.Outcome,)
        )
        yield Topic(f"{service}.dead-letters", "public", "as received", (service,))
        for table, key in TABLES[service].items():
            yield Topic(
                f"{service}.{table}.changelog",
                "private",
                key,
                (service,),
                by="bu" if service == "matching" else None,
                cleanup="compact",
            )


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        topic.name: topic
        for topic in (*INPUTS, *REFERENCES, *OUTPUTS, *BETWEEN_SERVICES, *_of_services())
    }
)
"""Every topic by its name without prefix."""


def types_of(topic: str) -> Mapping[str, type[Event]]:
    """The record types of a topic by ``ce_type``; raises KeyError for an unknown topic."""
    return TOPICS[topic].types


def key_of(topic: str, event: Struct) -> str:
    """The key that the data of an event demand in a topic (K-17).

    Raises KeyError for an unknown topic and ValueError where the data demand no key: outcomes, the
    clock's topics, dead letters, a type that the topic does not carry, an event for several Sx.
    """
    pattern = _PATTERNS[topic].get(type(event).__name__)
    if pattern is None:
        raise ValueError(f"the data of {type(event).__name__} demand no key in {topic}")
    return pattern.format_map(_Fields(event))


def key_in(topic: str, event_type: str, data: object) -> str | None:
    """The key that the JSON form of an event names, also where no schema reads it (ED-16).

    None for an unknown type, and where a field of the key is missing or no text.
    """
    pattern = _PATTERNS[topic].get(event_type)
    if pattern is None or not isinstance(data, Mapping):
        return None
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    try:
        return pattern.format_map(texts)
    except KeyError:
        return None


def partition_key_of(topic: str, event: Struct) -> str:
    """The text that an event's partition follows from: its key, or the field that `by` names.

    Raises as `key_of` does.
    """
    by = TOPICS[topic].by
    return _Fields(event)[by] if by else key_of(topic, event)


class _Fields(Mapping[str, str]):
    """The fields of an event as text.

    An Sx id follows from a task id (events.md, Ids), or is the only one of those it touches.
    """

    def __init__(self, event: Struct) -> None:
        self._event = event

    def __getitem__(self, name: str) -> str:
        if name == "sx_id" and not hasattr(self._event, name):
            return self._sx_id()
        return str(getattr(self._event, name))

    def _sx_id(self) -> str:
        if hasattr(self._event, "task_id"):
            return self["task_id"].partition(":")[0]
        touched: tuple[str, ...] = getattr(self._event, "sx_ids", ())
        if len(touched) != 1:
            raise ValueError(f"{type(self._event).__name__} is for {len(touched)} Sx, not for one")
        return touched[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._event.__struct_fields__)

    def __len__(self) -> int:
        return len(self._event.__struct_fields__)


def _patterns(topic: Topic) -> Mapping[str, str]:
    if topic.key in ("as consumed", "as received", "none"):
        return {}
    found = {record.__name__: topic.keys.get(record, topic.key) for record in topic.records}
    return {name: key if "{" in key else f"{{{key}}}" for name, key in found.items()}


_PATTERNS = {topic.name: _patterns(topic) for topic in TOPICS.values()}
