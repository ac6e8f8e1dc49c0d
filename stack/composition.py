"""The five services, put together: what the simulation and the driver on a broker work with."""

from policies.units import Policies
from services.lifecycle import service as lifecycle
from services.matching import service as matching
from services.notifier import service as notifier
from services.order_ingest import service as order_ingest
from services.ticketing import service as ticketing
from stack.environment import CUSTOMER_KEY_SECRET
from streams.service import Service


def build_services(
    policies: Policies, customer_key_secret: bytes = CUSTOMER_KEY_SECRET.encode()
) -> dict[str, Service]:
    """Every service by its name, deciding by these policies; the secret as it is locally."""
    built = (
        order_ingest.build(policies, customer_key_secret),
        lifecycle.build(policies),
        matching.build(policies),
        notifier.build(policies),
        ticketing.build(policies),
    )
    return {service.name: service for service in built}
