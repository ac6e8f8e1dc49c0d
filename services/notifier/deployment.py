"""How the notifier is deployed: which settings it has, how it is built from them."""

from services.notifier.carriers import carriers
from services.notifier.service import build
from services.notifier.settings import NotifierSettings
from services.process import Deployable
from services.settings import ServiceSettings


class DeploymentSettings(ServiceSettings, NotifierSettings):
    """All of them at once, so that all that is wrong is told at once."""


DEPLOYABLE = Deployable(
    "notifier", DeploymentSettings, lambda _, policies: build(policies), carriers
)
