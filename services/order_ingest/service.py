"""How order_ingest is put together: catalogue, orders, Px (topology.md)."""

from functools import partial

from policies.units import Policies
from schemas.catalogue import key_of
from services.order_ingest.rules import names
from services.order_ingest.rules.catalogue import CatalogueCheck
from services.order_ingest.rules.customer import LONGEST_SECRET, SHORTEST_SECRET
from services.order_ingest.rules.orders.stage import OrderRules
from services.order_ingest.rules.orders.state import Kept, with_type
from services.order_ingest.rules.px.stage import PxRules
from services.order_ingest.rules.px.state import Customer
from services.policy_record import deadline_grace_ms, policy_texts, policy_version
from streams.service import Input, Relay, Service, Stage
from streams.table import Table

NAME = "order_ingest"


def build(policies: Policies, customer_key_secret: bytes) -> Service:
    """The service under these policies.

    customer_key_secret: keys the hash that stands for a customer (PX-1), 16 to 64 bytes; with
    another one no order finds the Px of its customer again. Raises ValueError for another length.
    """
    if not SHORTEST_SECRET <= len(customer_key_secret) <= LONGEST_SECRET:
        raise ValueError(
            f"the secret of customer keys has {len(customer_key_secret)} bytes,"
            f" it needs {SHORTEST_SECRET} to {LONGEST_SECRET}"
        )

    catalogue = Stage(
        "catalogue",
        (_input(names.SERVICES, tombstones=True), _input(names.STORES, tombstones=True)),
        Relay(CatalogueCheck(policies)),
    )
    orders = Stage(
        "orders",
        (_input(names.PYXIS_ORDERS), _input(names.LIFECYCLE_ORDERS)),
        OrderRules(policies, customer_key_secret),
        Table("orders", Kept, format=3, upgrades={1: with_type, 2: with_type}),
    )
    px = Stage(
        "px",
        (_input(names.GROUPING), _input(names.LIFECYCLE_PX)),
        PxRules(policies),
        Table("px", Customer),
    )
    return Service(
        NAME,
        (catalogue, orders, px),
        references=(names.CATALOGUE,),
        preamble=policy_texts(policies),
        deadline_grace_ms=deadline_grace_ms(policies),
        policy_version=lambda entity: policy_version(policies, entity.partition(":")[0]),
    )


def _input(topic: str, *, tombstones: bool = False) -> Input:
    return Input(topic, partial(key_of, topic), tombstones=tombstones)
