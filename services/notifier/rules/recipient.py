"""Where a customer's message goes, and in which language (NO-1, NO-3)."""

from collections.abc import Iterator, Set
from typing import NamedTuple

import phonenumbers

from schemas.types.common import Person


class Place(NamedTuple):
    """A channel (EMAIL or SMS) and the address on it: an e-mail address, or an E.164 number."""

    channel: str
    address: str


def place_of(person: Person | None, country: str, *, sms_first: bool) -> Place | None:
    """Where the customer is reached; None where he has neither e-mail nor phone (NO-3).

    country: ISO 3166-1, how a phone number without its own is read.
    """
    if person is None:
        return None
    places = list(_places(person, country))
    if sms_first:
        places.reverse()
    return next(iter(places), None)


def _places(person: Person, country: str) -> Iterator[Place]:
    email = (person.email or "").strip()
    if email:
        yield Place("EMAIL", email)
    phone = e164(person.phone, country)
    if phone is not None:
        yield Place("SMS", phone)


def e164(phone: str | None, country: str) -> str | None:
    """The number as `+34600000001`; None for a text that can be none."""
    try:
        number = phonenumbers.parse(phone or "", country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def language_of(own: str | None, locale: str, supported: Set[str]) -> str:
    """The customer's own language where it is supported, else the BU's, else English (NO-1).

    own: as the order gives it, such as `fr` or `pt-PT`.
    """
    asked = (own or "").strip().lower().replace("_", "-").partition("-")[0]
    return next((known for known in (asked, locale) if known in supported), "en")
