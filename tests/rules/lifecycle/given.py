"""What these tests are told: one order's Sx, the Pros of its BU, and the events about them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from schemas.types import adobe, care, matching, order_ingest, sma, sop
from schemas.types.common import Actor, Address, Candidate, Customer, Document, SxLine
from schemas.types.smd import Store
from streams.instant import milliseconds

ORDER_NO = "701271"
PRO, OTHER = "411", "412"

SELLER = Actor(id="seller1", role="SELLER")
OPERATOR = Actor(id="op1", role="OPERATOR")
ADMIN = Actor(id="admin1", role="EXECUTION_ADMIN")

ZONES = {"LMES": "28805", "LMPT": "2805", "LMFR": "62520", "LMIT": "20100", "LMPL": "00001"}


def at(text: str) -> int:
    """An instant (ms) of 2026: `03-02 10:00` is UTC."""
    day, _, hour = text.partition(" ")
    return milliseconds(f"2026-{day}T{hour or '00:00'}:00Z")


CREATED_AT = at("03-02 10:00")
"""A Monday; planned on Monday the 9th."""


def sx_id(bu: str = "LMES", kind: str = "I") -> str:
    return f"{bu}-{ORDER_NO}-{kind}-1"


def store(bu: str = "LMES", **fields: Any) -> Store:
    given: dict[str, Any] = {"store_id": f"{bu}:28", "bu": bu, "name": "A store", "zip": ZONES[bu]}
    return Store(**(given | fields))


def service_line(number: int = 1, **fields: Any) -> SxLine:
    given: dict[str, Any] = {
        "line_no": number,
        "code": "49010001",
        "label": "Installation",
        "quantity": Decimal("1.000"),
        "unit_price": Decimal("190.00"),
        "kind": "SERVICE",
        "profession": "HVAC",
        "specialty": "AIR_CONDITIONING",
        "duration_minutes": 180,
        "order_id": None,
    }
    return SxLine(**(given | fields))


def extra_line(number: int = 7, **fields: Any) -> SxLine:
    given: dict[str, Any] = {"code": "49990001", "kind": "EXTRA", "unit_price": Decimal("35.50")}
    return service_line(number, **(given | fields))


PRODUCT = service_line(
    2, code="80012345", kind="PRODUCT", unit_price=Decimal("899.00"), profession=None
)


def requested(bu: str = "LMES", kind: str = "INSTALLATION", **fields: Any) -> Any:
    letter = {"INSTALLATION": "I", "TECHNICAL_VISIT": "V", "BUDGET": "B"}[kind]
    given: dict[str, Any] = {
        "sx_id": sx_id(bu, letter),
        "bu": bu,
        "kind": kind,
        "px_id": f"{bu}-P-{ORDER_NO}-1",
        "customer_key": f"{bu}:f:00ff",
        "order_id": f"{bu}:{ORDER_NO}",
        "store_id": f"{bu}:28",
        "channel": "STORE",
        "ordered_on": date(2026, 3, 2),
        "paid": False,
        "revision": 1,
        "first": True,
        "customer": Customer(
            client_id="C1", fiscal_number="F1", name="One", email="one@example.com", phone="+34600"
        ),
        "worksite": Address(street="Calle Mayor 2", zip=ZONES[bu], city="City", country="ES"),
        "services": (service_line(),),
        "products": (PRODUCT,),
        "planned_on": date(2026, 3, 9),
        "half_day": "AM",
        "floor_on": date(2026, 3, 5),
        "duration_minutes": 180,
    }
    return order_ingest.SxRequested(**(given | fields))


def document(name: str = "photo.jpg", mime: str = "image/jpeg") -> Document:
    return Document(
        name=name, category="OTHER", mime=mime, size=2048, sha256="0" * 64, uri=f"s3://x/{name}"
    )


PDF = document("contract.pdf", "application/pdf")


class Given:
    """Builds the events about the Sx of one BU."""

    def __init__(self, bu: str = "LMES", kind: str = "I") -> None:
        self.bu = bu
        self.sx = sx_id(bu, kind)
        self.order = f"{bu}:{ORDER_NO}"
        self.pro = f"{bu}:{PRO}"
        self.other = f"{bu}:{OTHER}"
        self.worker = f"{self.pro}:w1"

    # --- the order

    def order_event(self, kind: type[Any], **fields: Any) -> Any:
        shared = {"order_id": self.order, "bu": self.bu, "customer_key": "k", "sx_ids": (self.sx,)}
        return kind(**({**shared, "revision": 2} | fields))

    def paid(self) -> Any:
        return self.order_event(order_ingest.OrderPaid, paid_at=CREATED_AT)

    def canceled(self, reason: str | None = "customer") -> Any:
        return self.order_event(order_ingest.OrderCanceled, reason=reason)

    def update_refused(self) -> Any:
        return self.order_event(
            order_ingest.UpdateRefused,
            type="OrderUpdated",
            rule="OR-5",
            reason="not in this version",
            lines=(1, 2),
        )

    def sought(self, order_id: str = "LMES:77") -> Any:
        return order_ingest.SxSought(
            sx_id=self.sx, bu=self.bu, customer_key="LMES:f:other", order_id=order_id
        )

    def extra(self, *lines: SxLine, order_id: str = "LMES:999") -> Any:
        return order_ingest.ExtraAdded(
            sx_id=self.sx, order_id=order_id, bu=self.bu, revision=1, lines=lines or (extra_line(),)
        )

    # --- the contract

    def contract_signed(
        self, version: int = 1, signed_at: int = CREATED_AT, **fields: Any
    ) -> adobe.ContractSigned:
        return adobe.ContractSigned(
            sx_id=self.sx, version=version, signed_at=signed_at, **({"document": PDF} | fields)
        )

    def contract_failed(self, kind: type[Any], version: int = 1, **fields: Any) -> Any:
        return kind(sx_id=self.sx, version=version, **fields)

    def send(self, channel: Any = "EMAIL", actor: Actor = SELLER, **fields: Any) -> Any:
        return sop.SendContract(sx_id=self.sx, actor=actor, channel=channel, **fields)

    def confirm_paper(self, signed: bool = True, actor: Actor = SELLER) -> Any:
        return sop.ConfirmPaperContract(sx_id=self.sx, actor=actor, signed=signed)

    def upload(self, doc: Document = PDF, actor: Actor = SELLER) -> Any:
        return sop.UploadContract(sx_id=self.sx, actor=actor, document=doc)

    def skip(self, actor: Actor = ADMIN) -> Any:
        return sop.SkipContract(sx_id=self.sx, actor=actor)

    # --- matching and the Pro

    def _found(self, kind: type[Any], provider_id: str, round_: int, attempt: int, run: int) -> Any:
        return kind(
            sx_id=self.sx,
            bu=self.bu,
            round=round_,
            attempt=attempt,
            run=run,
            offer_id=self.offer_id(round_, attempt),
            provider_id=provider_id,
            candidates=(Candidate(provider_id=provider_id, taken=True, reason="MA-12: first"),),
        )

    def offer_id(self, round_: int = 1, attempt: int = 1) -> str:
        return f"{self.sx}/{round_}.{attempt}"

    def offered(
        self, provider_id: str = "", round_: int = 1, attempt: int = 1, run: int = 1
    ) -> Any:
        return self._found(matching.Offered, provider_id or self.pro, round_, attempt, run)

    def booked(self, provider_id: str = "", round_: int = 1, attempt: int = 1, run: int = 1) -> Any:
        return self._found(matching.Booked, provider_id or self.pro, round_, attempt, run)

    def nobody(self, round_: int = 1, run: int = 1, exhausted: bool = False) -> Any:
        return matching.NobodyFound(
            sx_id=self.sx,
            bu=self.bu,
            round=round_,
            run=run,
            exhausted=exhausted,
            retry_at=None if exhausted else CREATED_AT + 4 * 3_600_000,
            candidates=(Candidate(provider_id=self.pro, taken=False, reason="MA-2: zone"),),
        )

    def accepts(self, attempt: int = 1, provider_id: str = "", round_: int = 1) -> Any:
        return sma.OfferAccepted(
            sx_id=self.sx,
            provider_id=provider_id or self.pro,
            offer_id=self.offer_id(round_, attempt),
        )

    def refuses(self, attempt: int = 1, provider_id: str = "", round_: int = 1) -> Any:
        return sma.OfferRefused(
            sx_id=self.sx,
            provider_id=provider_id or self.pro,
            offer_id=self.offer_id(round_, attempt),
            reason="busy",
        )

    def picks(self, provider_id: str = "", actor: Actor = OPERATOR, **fields: Any) -> Any:
        return sop.AssignProvider(
            sx_id=self.sx, actor=actor, provider_id=provider_id or self.pro, **fields
        )

    def names_worker(self, worker_id: str = "", provider_id: str = "") -> Any:
        provider_id = provider_id or self.pro
        return sma.WorkerAssigned(
            sx_id=self.sx, provider_id=provider_id, worker_id=worker_id or f"{provider_id}:w1"
        )

    def check_in(self, provider_id: str = "", *documents: Document) -> Any:
        return sma.CheckedIn(
            sx_id=self.sx,
            provider_id=provider_id or self.pro,
            documents=documents,
            device_time=CREATED_AT,
        )

    def check_out(self, provider_id: str = "", *documents: Document) -> Any:
        return sma.CheckedOut(
            sx_id=self.sx, provider_id=provider_id or self.pro, documents=documents
        )

    # --- closing

    def wcf_signed(self, by: Any = "CUSTOMER", reserves: str | None = None, **fields: Any) -> Any:
        return adobe.WcfSigned(
            sx_id=self.sx,
            signed_at=CREATED_AT,
            signed_by=by,
            reserves=reserves,
            **({"document": document("wcf.pdf", "application/pdf")} | fields),
        )

    def survey(self, score: int = 9, channel: Any = "MY_ACCOUNT") -> Any:
        return care.SurveyAnswered(sx_id=self.sx, channel=channel, score=score, comment="good")
