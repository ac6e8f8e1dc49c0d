"""Who carries out ticketing's effects: Zendesk."""

from collections.abc import Mapping

from services.ticketing.adapters.zendesk import ZendeskCarrier
from services.ticketing.settings import TicketingSettings
from streams.rules import Carrier


def carriers(settings: TicketingSettings) -> Mapping[str, Carrier]:
    """The adapter by target; nothing is connected before the first ticket."""
    zendesk = ZendeskCarrier(
        settings.zendesk_url,
        settings.zendesk_email,
        settings.zendesk_token.get_secret_value(),
        timeout_s=settings.target_timeout_s,
    )
    return {"ticket": zendesk}
