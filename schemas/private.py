"""The topics between our own services, and those of the kernel (docs/topology.md)."""

from schemas.event import Event
from schemas.topic import SERVICES, Topic, read_by
from schemas.types import lifecycle, matching, order_ingest, smd, spo, streams, sx, zendesk


def _private(
    name: str, key: str, writer: str, readers: tuple[str, ...], *records: type[Event]
) -> Topic:
    return Topic(name, "private", key, (writer,), read_by(*readers), records)


BETWEEN_SERVICES = (
    Topic(
        "order_ingest.catalogue",
        "private",
        "code or store_id",
        ("order_ingest: catalogue",),
        read_by("order_ingest: orders*", "lifecycle*", "ticketing: main*"),
        (smd.Service, smd.Store),
        keys={smd.Service: "{bu}:{code}", smd.Store: "store_id"},
        partitions=1,
        cleanup="compact",
    ),
    _private(
        "order_ingest.grouping",
        "customer_key",
        "order_ingest: orders",
        ("order_ingest: px",),
        order_ingest.OrderAccepted,
        order_ingest.SxSought,
        order_ingest.OrderPaid,
        order_ingest.OrderCanceled,
        order_ingest.UpdateRefused,
    ),
    _private(
        "order_ingest.sx",
        "sx_id",
        "order_ingest: px",
        ("lifecycle",),
        order_ingest.SxRequested,
        order_ingest.SxSought,
        order_ingest.ExtraAdded,
        order_ingest.OrderPaid,
        order_ingest.OrderCanceled,
        order_ingest.UpdateRefused,
    ),
    _private(
        "lifecycle.orders",
        "order_id",
        "lifecycle",
        ("order_ingest: orders",),
        lifecycle.SxEnded,
        lifecycle.SxFound,
    ),
    _private(
        "lifecycle.px",
        "customer_key",
        "lifecycle",
        ("order_ingest: px",),
        lifecycle.SxProgress,
        lifecycle.SxFound,
    ),
    _private(
        "lifecycle.matching",
        "bu",
        "lifecycle",
        ("matching: main",),
        lifecycle.SxOpened,
        lifecycle.SearchWanted,
        lifecycle.OfferClosed,
        lifecycle.JobTaken,
        lifecycle.WorkerWanted,
        lifecycle.PickWanted,
        lifecycle.SxEnded,
    ),
    Topic(
        "matching.providers",
        "private",
        "provider_id",
        ("matching: intake",),
        read_by("matching: main", "notifier*", "ticketing: main*"),
        (spo.Provider,),
        by="bu",
        cleanup="compact",
    ),
    _private(
        "matching.answers",
        "sx_id",
        "matching: main",
        ("lifecycle",),
        matching.Offered,
        matching.Booked,
        matching.NobodyFound,
        matching.Answer,
    ),
    _private(
        "ticketing.tickets",
        "sx_id",
        "ticketing: intake",
        ("ticketing: main",),
        zendesk.TicketChanged,
    ),
    Topic(
        "sx.policies",
        "private",
        "version",
        SERVICES,
        (),
        (sx.PolicyText,),
        partitions=1,
        cleanup="compact",
    ),
    Topic("sx.clock", "private", "none", ("driver",), (), (streams.Tick,), partitions=1),
    Topic("sx.clock.acks", "private", "none", SERVICES, (), (streams.Ack,), partitions=1),
)
