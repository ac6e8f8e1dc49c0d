"""How ticketing is deployed: which settings it has, how it is built from them."""

from services.process import Deployable
from services.settings import ServiceSettings
from services.ticketing.carriers import carriers
from services.ticketing.service import build
from services.ticketing.settings import TicketingSettings


class DeploymentSettings(ServiceSettings, TicketingSettings):
    """All of them at once, so that all that is wrong is told at once."""


DEPLOYABLE = Deployable(
    "ticketing", DeploymentSettings, lambda _, policies: build(policies), carriers
)
