"""One event of an Sx: the messages it makes, each composed for its recipient (NO)."""

from collections.abc import Iterator
from typing import Any

from policies.model import Policy
from policies.units import Policies, UnknownBusinessUnit
from schemas.types import sx
from services.notifier.rules.causes import Cause, caused_by
from services.notifier.rules.events import (
    Event,
    MessageDue,
    MessageShown,
    MessageUndeliverable,
    ServicesNoted,
)
from services.notifier.rules.facts import facts_of
from services.notifier.rules.recipient import language_of, place_of
from services.notifier.rules.state import Messages, Told
from services.notifier.rules.templates import CUSTOMER, PRO, SMS_FIRST
from services.notifier.rules.wording import Wording
from streams.rules import Context, Poison

PROVIDERS = "matching.providers"
NO_CONTACT = "NO_CONTACT"
"""The cause of a message to a customer with neither e-mail nor phone (NO-3)."""

_TARGETS = {"EMAIL": "mail", "SMS": "sms"}


def decide(
    state: Messages | None, event: Any, context: Context, policies: Policies, wording: Wording
) -> Iterator[Event]:
    """What the event brings; raises Poison (UNKNOWN_BU)."""
    try:
        policy = policies.for_bu(event.bu)
    except UnknownBusinessUnit as error:
        raise Poison("UNKNOWN_BU", str(error)) from error
    state = state or Messages()
    services = state.services
    lines = event.lines if isinstance(event, sx.SxCreated | sx.SxUpdated) else None
    if lines is not None:
        services = tuple(line.label for line in lines if line.kind == "SERVICE")
        yield ServicesNoted(services)
    compose = _Composer(event, services, context, policy, wording)
    for cause, recipient in caused_by(event):
        message_id = f"{event.sx_id}:{cause.template}:{event.version}:{recipient}"
        if message_id in state.decided:
            continue
        if recipient == CUSTOMER:
            yield compose.for_customer(cause, message_id)
        else:
            yield compose.for_pro(cause, message_id, recipient)


class _Composer:
    """Composes the messages of one event."""

    def __init__(
        self,
        event: Any,
        services: tuple[str, ...],
        context: Context,
        policy: Policy,
        wording: Wording,
    ) -> None:
        self._event = event
        self._services = services
        self._context = context
        self._policy = policy
        self._wording = wording
        span = policy.message.give_up_after
        self._give_up_after = span.after(context.clock, policy.tz) - context.clock

    def for_customer(self, cause: Cause, message_id: str) -> MessageDue | MessageUndeliverable:
        """By e-mail, else by SMS, else not at all (NO-3)."""
        event, policy, person = self._event, self._policy, self._event.person
        sms_first = cause.template in SMS_FIRST
        place = place_of(person, policy.holidays.country, sms_first=sms_first)
        told = Told(
            sx_id=event.sx_id,
            bu=event.bu,
            channel="EMAIL" if place is None else place.channel,
            template=cause.template,
            recipient=CUSTOMER,
            message_id=message_id,
            person=person,
        )
        if place is None:
            return MessageUndeliverable(told, NO_CONTACT)
        own = None if person is None else person.language
        language = language_of(own, policy.locale, self._wording.languages)
        provider = None if event.sx is None else self._provider(event.sx.provider_id)
        facts = facts_of(event, person, self._services, provider and provider.name)
        text = self._wording.text(cause.template, language, facts)
        payload: dict[str, Any] = {"to": place.address, "language": language}
        if place.channel == "EMAIL":
            payload |= {"subject": text.title, "text": text.body}
        else:
            payload |= {"text": text.short}
        return MessageDue(told, _TARGETS[place.channel], payload, self._give_up_after)

    def for_pro(self, cause: Cause, message_id: str, provider_id: str) -> MessageShown:
        """In SMA, which reads `notifications`; pushed where he has a token (NO-3)."""
        event = self._event
        provider = self._provider(provider_id)
        facts = facts_of(event, None, self._services, provider and provider.name)
        language = language_of(None, self._policy.locale, self._wording.languages)
        text = self._wording.text(cause.template, language, facts)
        told = Told(
            sx_id=event.sx_id,
            bu=event.bu,
            channel="PUSH",
            template=cause.template,
            recipient=PRO,
            provider_id=provider_id,
            message_id=message_id,
            title=text.title,
            body=text.body,
        )
        token = None if provider is None else provider.push_token
        push: dict[str, Any] | None = None
        if token:
            push = {
                "token": token,
                "title": text.title,
                "body": text.short,
                "data": {"sx_id": event.sx_id, "template": cause.template},
            }
        return MessageShown(told, push, self._give_up_after)

    def _provider(self, provider_id: str | None) -> Any | None:
        if provider_id is None:
            return None
        return self._context.references[PROVIDERS].get(provider_id, self._context.now)
