"""The topics of the catalogue beside those of a broker: names, and what differs."""

from schemas.catalogue import TOPICS
from stack.topics import differences, name_of
from streams.kafka.names import Names

EVENTS = TOPICS["sx.events"]


def test_what_a_service_writes_and_what_is_upstreams_have_their_own_prefixes() -> None:
    names = Names("mine.", "in.")
    assert name_of(names, "sx.events") == "mine.sx.events"
    assert name_of(names, "pyxis.orders") == "in.pyxis.orders"
    assert name_of(Names(), EVENTS) == "sx.events"


def test_a_topic_as_it_should_be_differs_in_nothing() -> None:
    assert differences([EVENTS], {"sx.events": 8}, {"sx.events": EVENTS.configs}) == {}


def test_a_topic_that_differs_says_in_what() -> None:
    settings = {"sx.events": {"cleanup.policy": "compact", "retention.ms": "-1"}}
    assert differences([EVENTS], {"sx.events": 6}, settings) == {
        "sx.events": "has 6 partitions, should have 8; cleanup.policy is compact, should be delete"
    }
