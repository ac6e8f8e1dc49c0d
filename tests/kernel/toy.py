"""A toy service for the kernel's tests: accounts that take deposits; nothing of the product.

`bank` reads deposits and limits and tells balances; `audit` counts them. A deposit below zero makes
its rule raise; one beyond the limit is refused; a deposit with `wait` is parked until the account
exists; an account closes by itself a while after its last deposit; a receipt is an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from schemas.types.streams import Ack, Tick
from streams.codec import Undecodable
from streams.outcome import Outcome
from streams.rules import (
    Accept,
    Context,
    Done,
    Effect,
    Message,
    Poison,
    Refuse,
    Result,
    Send,
    Unasked,
    Verdict,
    Wait,
    Write,
)
from streams.service import Input, Service, Stage
from streams.table import Table

PARTITIONS = 4
DAY = 86_400_000


class Deposit(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    amount: int
    wait: bool = False
    receipt: bool = False
    by: str = "receipt"
    strict: bool = False
    closes_after: int = 0
    padding: str = ""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    limit: int


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    account: str


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    balance: int
    count: int
    rate: int = 0
    padding: str = ""


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    balance: int


class Receipted(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    answer: str


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    rate: int


class Total(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    seen: int


class Account(msgspec.Struct, frozen=True):
    account: str
    balance: int = 0
    count: int = 0
    limit: int = 10**12
    deadlines: dict[str, int] = {}


class Counted(msgspec.Struct, frozen=True):
    seen: int = 0
    deadlines: dict[str, int] = {}


TYPES = {
    t.__name__: t
    for t in (
        *(Deposit, Limit, Drop, Balance, Closed, Receipted, Rate, Total),
        *(Tick, Ack, Outcome),
    )
}


class ToyCodec:
    """`Name:` and a msgpack map."""

    def encode(self, topic: str, event: msgspec.Struct) -> bytes:
        return type(event).__name__.encode() + b":" + msgspec.msgpack.encode(event)

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        name, _, data = value.partition(b":")
        try:
            found: msgspec.Struct = msgspec.msgpack.decode(data, type=TYPES[name.decode()])
        except (KeyError, UnicodeDecodeError) as error:
            raise Undecodable("UNKNOWN_SCHEMA", repr(name)) from error
        except msgspec.MsgspecError as error:
            raise Undecodable("INVALID", str(error)) from error
        return found


class BankRules(Unasked):
    def entity(self, message: Message) -> str:
        return message.key

    def decide(self, state: Account | None, message: Message, context: Context) -> Verdict:
        event = message.event
        if not isinstance(event, Deposit):
            return Accept((event,))
        if event.account == "nobody":
            raise Poison("UNKNOWN_ACCOUNT", "nobody has no account")
        if event.amount < 0:
            raise ValueError("a deposit below zero")
        if event.wait and state is None:
            return Wait("TOY-2", "no such account yet", message.envelope.time + DAY)
        if state is not None and state.balance + event.amount > state.limit:
            return Refuse("TOY-1", "beyond the limit")
        return Accept((event,), "TOY-0")

    def evolve(self, state: Account | None, event: Any) -> Account | None:
        match event:
            case Deposit():
                state = state or Account(event.account)
                return msgspec.structs.replace(
                    state,
                    balance=state.balance + event.amount,
                    count=state.count + 1,
                    deadlines={"close": event.closes_after} if event.closes_after else {},
                )
            case Limit():
                return msgspec.structs.replace(state or Account(event.account), limit=event.limit)
            case Receipted():
                return state
            case _:
                return None

    def outputs(
        self, before: Account | None, event: Any, after: Account | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        match event:
            case Deposit() if after is not None:
                rate = context.references["toy.rates"].get("eur", context.now)
                yield Send(
                    "toy.balances",
                    event.account,
                    Balance(
                        account=event.account,
                        balance=after.balance,
                        count=after.count,
                        rate=0 if rate is None else rate.rate,
                        padding=event.padding,
                    ),
                )
                if event.receipt:
                    yield Effect(
                        key=f"{event.account}/{after.count}",
                        target=event.by,
                        payload={"account": event.account, "balance": after.balance},
                        at=context.now,
                        first_attempt=context.clock,
                        give_up_after=DAY,
                        strict=event.strict,
                    )
            case Closed() | Receipted():
                yield Send("toy.balances", event.account, event)

    def due(self, state: Account, name: str, at: int, context: Context) -> Sequence[Any]:
        if state.balance == 13:
            raise ValueError("this one cannot be closed")
        return (Closed(account=state.account, balance=state.balance),)

    def settled(
        self, state: Account | None, effect: Effect, result: Result, context: Context
    ) -> Sequence[Any]:
        answer = result.detail.get("answer", "") if isinstance(result, Done) else result.cause
        if answer == "unreadable":
            raise ValueError("an answer that no rule can take")
        return (Receipted(account=effect.payload["account"], answer=answer),)


class AuditRules(Unasked):
    def entity(self, message: Message) -> str:
        return message.key

    def decide(self, state: Counted | None, message: Message, context: Context) -> Verdict:
        return Accept((message.event,))

    def evolve(self, state: Counted | None, event: Any) -> Counted | None:
        return Counted((state.seen if state else 0) + 1)

    def outputs(
        self, before: Counted | None, event: Any, after: Counted | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        if after is not None:
            yield Send("toy.totals", event.account, Total(account=event.account, seen=after.seen))


def _account(event: Any) -> str:
    return str(event.account)


BANK = Service(
    name="bank",
    stages=(
        Stage(
            "main",
            (Input("toy.deposits", _account), Input("toy.limits", _account)),
            BankRules(),
            Table("accounts", Account),
        ),
    ),
    references=("toy.rates",),
)
AUDIT = Service(
    name="audit",
    stages=(
        Stage("main", (Input("toy.balances", _account),), AuditRules(), Table("counted", Counted)),
    ),
)
SERVICES = {service.name: service for service in (BANK, AUDIT)}


def topics(partitions: int = PARTITIONS) -> dict[str, int]:
    """All topics of the toy and how many partitions they have; changelogs by their names."""
    plain = ["toy.deposits", "toy.limits", "toy.balances", "toy.totals"]
    for service in SERVICES.values():
        plain += [service.outcomes, service.dead_letters]
        plain += [service.changelog(table) for table in service.tables]
    return dict.fromkeys(plain, partitions) | dict.fromkeys(
        ("toy.rates", "sx.clock", "sx.clock.acks"), 1
    )
