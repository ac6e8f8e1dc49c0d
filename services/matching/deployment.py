"""How matching is deployed: which settings it has, how it is built from them."""

from services.matching.service import build
from services.process import Deployable
from services.settings import ServiceSettings

DEPLOYABLE = Deployable("matching", ServiceSettings, lambda _, policies: build(policies))
