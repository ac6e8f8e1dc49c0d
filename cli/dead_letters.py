"""`sx dead-letters`: what no rule could take, and how it is published again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError
from cli.output import AsJson, as_json, counted, note, show, table

if TYPE_CHECKING:
    from cli.broker import Broker
    from cli.letters import Redriven
    from streams.record import Record

app = typer.Typer(
    help="Records that no rule could take: list them, look at one, publish them again.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

OfService = Annotated[str | None, typer.Option("--service", help="Only this service's.")]
OfTopic = Annotated[str | None, typer.Option("--topic", help="Only those received from it.")]
OfCause = Annotated[
    str | None, typer.Option("--cause", help="Only those with this cause, such as NOT_AVRO.")
]


@app.command("list", epilog="Example: sx dead-letters list --cause UNKNOWN_STORE")
def list_letters(
    service: OfService = None, topic: OfTopic = None, cause: OfCause = None, json: AsJson = False
) -> None:
    """List the dead letters in order of arrival: where from, why and when."""
    from cli.broker import codec, connect
    from cli.letters import described

    reads = codec()
    letters = [described(r, reads) for r in _letters(connect(), service, topic, cause)]
    if json:
        as_json(letters)
        return
    columns = ("address", "first_failure", "topic", "key", "cause", "message")
    show(
        table(
            counted(len(letters), "dead letter"),
            columns,
            [[e.get(c) for c in columns] for e in letters],
        )
    )


@app.command("show", epilog="Example: sx dead-letters show lifecycle/3/0")
def show_letter(
    address: Annotated[str, typer.Argument(help="SERVICE/PARTITION/OFFSET, as listed.")],
    json: AsJson = False,
) -> None:
    """Show one dead letter: its headers, its data or its bytes, and why it is there."""
    from json import dumps

    from cli.broker import codec, connect
    from cli.letters import described

    form = described(_letter(connect(), address), codec())
    if json:
        as_json(form)
        return
    headers = form.pop("headers")
    data = form.pop("data", None)
    rows = [*form.items(), *((f"header {name}", value) for name, value in headers.items())]
    if data is not None:
        rows.append(("data", dumps(data, indent=1, ensure_ascii=False)))
    show(table(f"Dead letter {address}", ("what", ""), rows))


@app.command("redrive", epilog="Example: sx dead-letters redrive --cause UNKNOWN_STORE")
def redrive(
    addresses: Annotated[
        list[str] | None, typer.Argument(help="SERVICE/PARTITION/OFFSET, as listed.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    service: OfService = None,
    topic: OfTopic = None,
    cause: OfCause = None,
    json: AsJson = False,
) -> None:
    """Publish dead letters again to the topic they came from, as they were received.

    Do it once what was missing is there: a store, a service, a mended rule. The letters stay where
    they are, and nothing marks one as redriven: each carries the id by which it is known, so one
    that has become good is applied once, however often it is redriven. One that is still bad
    becomes a dead letter again.
    """
    from cli.broker import codec, connect
    from cli.letters import address_of, distinct, redriven
    from cli.records import text

    filtered = (service, topic, cause) != (None, None, None)
    if bool(addresses) == (everything or filtered):
        raise CommandError(
            "say which: addresses (`sx dead-letters list` shows them), or --cause, --topic,"
            " --service, or --all"
        )
    broker, reads = connect(), codec()
    letters = (
        [_letter(broker, address) for address in addresses]
        if addresses
        else list(_letters(broker, service, topic, cause))
    )
    found = {str(address_of(letter)): redriven(letter, reads) for letter in letters}
    records = distinct(record for record in found.values() if record is not None)
    _send(broker, records)
    left = [address for address, record in found.items() if record is None]
    if json:
        sent = [{"topic": each.topic, "id": each.id} for each in records]
        as_json({"redriven": sent, "left": left})
    else:
        rows = [(each.topic, text(each.key), each.id) for each in records]
        show(
            table(
                f"{counted(len(records), 'record')} published again", ("topic", "key", "id"), rows
            )
        )
        if records:
            note("`sx trace ID` shows what becomes of one.")
    if left:
        note(
            f"left: {', '.join(left)}: a deadline or an effect, which was no record (its entity"
            " goes on without it), or a record too large to be kept (it lies where the letter says)"
        )


def _letters(
    broker: Broker, service: str | None, topic: str | None, cause: str | None
) -> Iterator[Record]:
    from cli.letters import topics
    from cli.reading import stored
    from cli.records import dead_letter
    from schemas.topic import SERVICES

    if service not in (None, *SERVICES):
        raise CommandError(f"there is no service {service!r}; there are {', '.join(SERVICES)}")
    for record in stored(broker, topics(service)):
        told = dead_letter(record)
        if topic in (None, told.get("topic")) and cause in (None, told.get("cause")):
            yield record


def _letter(broker: Broker, address: str) -> Record:
    from cli.letters import BadAddress, parse_address
    from cli.reading import one

    try:
        where = parse_address(address)
    except BadAddress as error:
        raise CommandError(str(error)) from error
    record = one(broker, where.topic, where.partition, where.offset)
    if record is None:
        raise CommandError(f"there is no dead letter {address}; `sx dead-letters list` shows all")
    return record


def _send(broker: Broker, records: list[Redriven]) -> None:
    from cli.producing import Sender
    from streams.partitioner import partition_of

    with Sender(broker) as sender:
        for record in records:
            sender.send(
                broker.name_of(record.topic),
                partition_of(record.by, broker.partitions(record.topic)),
                record.key,
                record.value,
                record.headers,
            )
