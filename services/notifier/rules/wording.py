"""What the rules ask of the texts: a template, a language and facts give a title and a body."""

from collections.abc import Set
from datetime import date
from typing import NamedTuple, Protocol

from msgspec import Struct


class Facts(Struct, frozen=True, kw_only=True):
    """What a text may name. Blank where there is nothing to name.

    half_day: AM or PM; before_on and before_half: the date that is left. name: the customer's, and
    blank for a Pro, whose texts hold no personal fields.
    """

    order_no: str
    sx_id: str
    name: str = ""
    services: tuple[str, ...] = ()
    planned_on: date | None = None
    half_day: str | None = None
    before_on: date | None = None
    before_half: str | None = None
    provider: str = ""
    reference: str = ""


class Text(NamedTuple):
    """A message in one language: `title` is a mail's subject too; `short` is the body of an SMS."""

    title: str
    body: str
    short: str


class Wording(Protocol):
    """The texts of all messages; the same question has the same answer, for ever."""

    @property
    def languages(self) -> Set[str]:
        """The languages that all messages exist in."""
        ...

    def text(self, template: str, language: str, facts: Facts) -> Text:
        """One message; raises KeyError for a template or language that there is none of."""
        ...
