"""How order_ingest is deployed: which settings it has, how it is built from them."""

from pydantic import SecretStr

from services.order_ingest.service import build
from services.process import Deployable
from services.settings import ServiceSettings


class OrderIngestSettings(ServiceSettings):
    """customer_key_secret: keys the hash that stands for a customer (PX-1), 16 to 64 bytes.

    The same for all workers and for ever: with another one no order finds its customer's Px.
    """

    customer_key_secret: SecretStr


DEPLOYABLE = Deployable(
    "order_ingest",
    OrderIngestSettings,
    lambda settings, policies: build(
        policies, settings.customer_key_secret.get_secret_value().encode()
    ),
)
