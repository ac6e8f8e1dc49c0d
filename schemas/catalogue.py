"""The catalogue of topics: every topic there is, equal to docs/topology.md and docs/events.md.

A test reads the tables of those two pages and compares them with what stands here.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from schemas.event import Event
from schemas.topic import FOR_EVER, INPUT_RETENTION_MS, Reader, Topic
from schemas.types import (
    adobe,
    care,
    crm,
    lifecycle,
    matching,
    notifications,
    order_ingest,
    payments,
    px,
    pyxis,
    sma,
    smd,
    sop,
    spo,
    streams,
    sx,
    tasks,
    zendesk,
)

SERVICES = ("order_ingest", "lifecycle", "matching", "notifier", "ticketing")
"""The five services that decide; each has its outcomes, dead letters and changelogs."""


def _reads(*stages: str) -> tuple[Reader, ...]:
    return tuple(Reader(s.removesuffix("*"), is_global=s.endswith("*")) for s in stages)


def _input(name: str, key: str, reader: str, *records: type[Event]) -> Topic:
    return Topic(name, "public", key, ("upstream",), _reads(reader), records)


def _reference(name: str, key: str, record: type[Event], *readers: str) -> Topic:
    """Compacted, but not before its inputs' retention: a replay meets each record at its time."""
    return Topic(
        name,
        "public",
        key,
        ("upstream",),
        _reads(*readers),
        (record,),
        cleanup="compact",
        compaction_lag_ms=INPUT_RETENTION_MS,
    )


def _private(
    name: str, key: str, writer: str, readers: tuple[str, ...], *records: type[Event]
) -> Topic:
    return Topic(name, "private", key, (writer,), _reads(*readers), records)


_INPUTS = (
    _input(
        "pyxis.orders",
        "order_id",
        "order_ingest: orders",
        pyxis.OrderCreated,
        pyxis.OrderUpdated,
        pyxis.OrderLineCanceled,
        pyxis.OrderPaid,
        pyxis.OrderCanceled,
        pyxis.DeliveryDateChanged,
    ),
    _input(
        "adobe.contracts",
        "sx_id",
        "lifecycle",
        adobe.ContractSigned,
        adobe.ContractDeclined,
        adobe.ContractExpired,
        adobe.ContractBounced,
    ),
    _input(
        "adobe.wcf",
        "sx_id",
        "lifecycle",
        adobe.WcfSigned,
        adobe.WcfDeclined,
        adobe.WcfExpired,
        adobe.WcfBounced,
    ),
    _input(
        "sma.jobs",
        "sx_id",
        "lifecycle",
        sma.OfferAccepted,
        sma.OfferRefused,
        sma.WorkerAssigned,
        sma.CheckedIn,
        sma.CheckedOut,
        sma.ReportUploaded,
        sma.JobCanceledByPro,
        sma.JobRescheduledByPro,
        sma.JobStartIssueReported,
        sma.ExtraCostRequested,
        sma.JobNoteAdded,
        sma.JobDocumentAdded,
        sma.InvoiceDisputed,
    ),
    _input(
        "sop.operations",
        "sx_id",
        "lifecycle",
        sop.RescheduleSx,
        sop.AssignProvider,
        sop.CancelSx,
        sop.ChangeDuration,
        sop.ChangeWorksite,
        sop.ChangeContact,
        sop.SendContract,
        sop.ConfirmPaperContract,
        sop.UploadContract,
        sop.SkipContract,
        sop.AddNote,
        sop.AddDocument,
        sop.AddExtraCost,
        sop.AnswerExtraCost,
        sop.UploadReport,
        sop.RemoveReport,
        sop.DeclareBudgetSent,
        sop.AnswerQuotation,
        sop.ResendWcf,
        sop.UploadWcf,
        sop.CloseWcf,
        sop.OpenRework,
    ),
    _input(
        "care.requests",
        "sx_id",
        "lifecycle",
        care.RescheduleRequested,
        care.CancellationRequested,
        care.AddressChangeRequested,
        care.ContactChangeRequested,
        care.NoShowReported,
        care.SurveyAnswered,
        care.WarrantyClaimed,
    ),
)

_REFERENCES = (
    _reference("spo.providers", "provider_id", spo.Provider, "matching: intake"),
    _reference("smd.services", "{bu}:{code}", smd.Service, "order_ingest: catalogue"),
    _reference("smd.stores", "store_id", smd.Store, "order_ingest: catalogue"),
    _reference("crm.erasures", "{bu}:{client_id}", crm.ErasureRequested),
    _reference("zendesk.tickets", "task_id", zendesk.TicketChanged, "ticketing: intake"),
)

_OUTPUTS = (
    Topic(
        "sx.events",
        "public",
        "sx_id",
        ("lifecycle",),
        _reads("notifier", "ticketing: main", "read_model"),
        (
            sx.SxCreated,
            sx.SxUpdated,
            sx.SxStatusChanged,
            sx.ContractIssued,
            sx.ContractReminderDue,
            sx.ContractSigned,
            sx.ContractSkipped,
            sx.ContractUploaded,
            sx.ContractOverdue,
            sx.AgreementFailed,
            sx.PlannedDateChanged,
            sx.ProviderChanged,
            sx.OfferMade,
            sx.OfferRefused,
            sx.OfferExpired,
            sx.OfferWithdrawn,
            sx.WorkerNamed,
            sx.CheckedIn,
            sx.CheckedOut,
            sx.WcfIssued,
            sx.WcfSigned,
            sx.WcfOverdue,
            sx.DatePassed,
            sx.AssignmentNeeded,
            sx.SurveyAnswered,
            sx.ExtraCostAnswered,
            sx.ActionRefused,
        ),
        retention_ms=FOR_EVER,
        record_bytes=64_000,
    ),
    Topic(
        "px.events",
        "public",
        "px_id",
        ("order_ingest: px",),
        _reads("read_model"),
        (px.PxOpened, px.PxSxAdded, px.PxStatusChanged),
        retention_ms=FOR_EVER,
    ),
    Topic(
        "payments",
        "public",
        "sx_id",
        ("lifecycle",),
        (),
        (payments.PaymentTriggered,),
        retention_ms=FOR_EVER,
    ),
    Topic("pyxis.notices", "public", "order_id", ("lifecycle",), (), (pyxis.SxCanceledInSop,)),
    Topic(
        "notifications",
        "public",
        "sx_id",
        ("notifier",),
        _reads("ticketing: main", "read_model"),
        (notifications.MessageSent, notifications.MessageFailed),
        retention_ms=FOR_EVER,
    ),
    Topic(
        "tasks",
        "public",
        "task_id",
        ("ticketing: main",),
        _reads("read_model"),
        (tasks.TaskOpened, tasks.TaskTicketed, tasks.TaskSolved, tasks.TaskFailed),
        retention_ms=FOR_EVER,
    ),
)

_PRIVATE = (
    Topic(
        "order_ingest.catalogue",
        "private",
        "code or store_id",
        ("order_ingest: catalogue",),
        _reads("order_ingest: orders*", "lifecycle*", "ticketing: main*"),
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
        order_ingest.ExtraAdded,
        order_ingest.OrderPaid,
        order_ingest.OrderCanceled,
        order_ingest.UpdateRefused,
    ),
    _private(
        "lifecycle.orders", "order_id", "lifecycle", ("order_ingest: orders",), lifecycle.SxEnded
    ),
    _private(
        "lifecycle.px", "customer_key", "lifecycle", ("order_ingest: px",), lifecycle.SxProgress
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
        _reads("matching: main", "notifier*", "ticketing: main*"),
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

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "order_ingest": {"orders": "order_id", "px": "customer_key"},
        "lifecycle": {"sx": "sx_id"},
        "matching": {"providers": "provider_id", "calendars": "provider_id", "searches": "sx_id"},
        "notifier": {"messages": "sx_id"},
        "ticketing": {"tasks": "sx_id"},
    }
)
"""The tables of each service, and what their rows are keyed by."""


def _of_services() -> Iterable[Topic]:
    for service in SERVICES:
        yield Topic(
            f"{service}.outcomes", "private", "as consumed", (service,), (), (streams.Outcome,)
        )
        yield Topic(f"{service}.dead-letters", "public", "as received", (service,))
        for table, key in TABLES[service].items():
            yield Topic(
                f"{service}.{table}.changelog",
                "private",
                key,
                (service,),
                by="bu" if service == "matching" else None,
                cleanup="compact",
            )


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {topic.name: topic for topic in (*_INPUTS, *_REFERENCES, *_OUTPUTS, *_PRIVATE, *_of_services())}
)
"""Every topic by its name without prefix."""


def types_of(topic: str) -> Mapping[str, type[Event]]:
    """The record types of a topic by ``ce_type``; raises KeyError for an unknown topic."""
    return TOPICS[topic].types


def key_of(topic: str, event: Struct) -> str:
    """The key that the data of an event demand in a topic (K-17).

    Raises KeyError for an unknown topic and ValueError where the data demand no key: outcomes, the
    clock's topics, dead letters, a type that the topic does not carry.
    """
    pattern = _PATTERNS[topic].get(type(event).__name__)
    if pattern is None:
        raise ValueError(f"the data of {type(event).__name__} demand no key in {topic}")
    return pattern.format_map(_Fields(event))


def partition_key_of(topic: str, event: Struct) -> str:
    """The text that an event's partition follows from: its key, or the field that `by` names.

    Raises as `key_of` does.
    """
    by = TOPICS[topic].by
    return _Fields(event)[by] if by else key_of(topic, event)


class _Fields(Mapping[str, str]):
    """The fields of an event as text; an Sx id follows from a task id (events.md, Ids)."""

    def __init__(self, event: Struct) -> None:
        self._event = event

    def __getitem__(self, name: str) -> str:
        if name == "sx_id" and not hasattr(self._event, name):
            return self["task_id"].partition(":")[0]
        return str(getattr(self._event, name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._event.__struct_fields__)

    def __len__(self) -> int:
        return len(self._event.__struct_fields__)


def _patterns(topic: Topic) -> Mapping[str, str]:
    if topic.key in ("as consumed", "as received", "none"):
        return {}
    found = {record.__name__: topic.keys.get(record, topic.key) for record in topic.records}
    return {name: key if "{" in key else f"{{{key}}}" for name, key in found.items()}


_PATTERNS = {topic.name: _patterns(topic) for topic in TOPICS.values()}
