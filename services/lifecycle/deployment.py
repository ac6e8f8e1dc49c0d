"""How lifecycle is deployed: which settings it has, how it is built from them."""

from services.lifecycle.service import build
from services.process import Deployable
from services.settings import ServiceSettings

DEPLOYABLE = Deployable("lifecycle", ServiceSettings, lambda _, policies: build(policies))
