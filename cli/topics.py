"""`sx topics`: what the catalogue says, on the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import AsJson, as_json, note, show, table

if TYPE_CHECKING:
    from schemas.topic import Topic
    from stack.topics import Applied
    from streams.kafka.names import Names

app = typer.Typer(
    help="The topics: list them, create them.", no_args_is_help=True, rich_markup_mode="markdown"
)

Prefix = Annotated[
    str,
    typer.Option(envvar="SX_PREFIX", help="Stands before every topic that a service writes."),
]
InputPrefix = Annotated[
    str,
    typer.Option(envvar="SX_INPUT_PREFIX", help="Stands before every topic from upstream."),
]


@app.command("list", epilog="Example: sx topics list --json | jq -r .[].topic")
def list_topics(json: AsJson = False) -> None:
    """List the topics: what they carry, under which key, who writes and reads them.

    Needs no broker: it is the catalogue that ships with us.
    """
    from schemas.catalogue import TOPICS

    topics = [_described(topic) for topic in TOPICS.values()]
    if json:
        as_json(topics)
        return
    columns = ("topic", "key", "partitions", "cleanup", "writers", "readers")
    rows = [[each[column] for column in columns] for each in topics]
    show(table(f"{len(topics)} topics", columns, rows))


@app.command("apply", epilog="Example: SX_PREFIX=mine. sx topics apply")
def apply(
    prefix: Prefix = "",
    input_prefix: InputPrefix = "",
    replication: Annotated[
        int,
        typer.Option(
            envvar="SX_REPLICATION_FACTOR", help="Replicas of a new topic; -1: the broker's own."
        ),
    ] = -1,
    json: AsJson = False,
) -> None:
    """Create the topics that are missing, and check those that are there.

    Changes no topic that exists, and can be run again at any time. Exit code 1 where one differs
    from the catalogue: its table says how. Another number of partitions cannot be mended, for keys
    would move: such a topic has to be made anew under another prefix.
    """
    from cli.broker import connect
    from schemas.catalogue import TOPICS
    from stack import topics

    broker = connect(prefix, input_prefix)
    done = topics.apply(broker.admin, broker.names, replication)
    if json:
        as_json([_state(topic, broker.names, done) for topic in TOPICS.values()])
    else:
        rows = [
            (each["topic"], each["partitions"], each["cleanup"], each["differs"] or each["state"])
            for each in (_state(topic, broker.names, done) for topic in TOPICS.values())
        ]
        show(table(f"Topics on {broker.address}", ("topic", "partitions", "cleanup", ""), rows))
    if done.differs:
        note(f"not as the catalogue says: {', '.join(done.differs)}")
        raise typer.Exit(1)


@app.command("acls", epilog="Example: sx topics acls --principal 'User:CN=NAME' > acls.txt")
def acls(
    prefix: Prefix = "",
    input_prefix: InputPrefix = "",
    principal: Annotated[
        str, typer.Option(help="Who a service is to the cluster; NAME stands for its name.")
    ] = "User:NAME",
    json: AsJson = False,
) -> None:
    """List what each service may do on a secured cluster, as options of kafka-acls.sh.

    Needs no broker: it follows from the catalogue. Each line is one call.
    """
    from dataclasses import asdict

    from cli.worker import WORKERS
    from stack.access import grants
    from streams.kafka.names import Names

    found = [each for name in WORKERS for each in grants(name, Names(prefix, input_prefix))]
    if json:
        as_json([{"principal": principal.replace("NAME", g.service), **asdict(g)} for g in found])
        return
    for grant in found:
        typer.echo(grant.line(principal))


def _state(topic: Topic, names: Names, done: Applied) -> dict[str, Any]:
    from stack.topics import name_of

    differs = done.differs.get(topic.name)
    state = "created" if topic.name in done.created else "there"
    return {
        "topic": name_of(names, topic),
        "partitions": topic.partitions,
        "cleanup": topic.cleanup,
        "state": state if differs is None else "differs",
        "differs": differs,
    }


def _described(topic: Topic) -> dict[str, Any]:
    return {
        "topic": topic.name,
        "visibility": topic.visibility,
        "key": topic.key if topic.by is None else f"{topic.key}, by {topic.by}",
        "partitions": topic.partitions,
        "cleanup": topic.cleanup,
        "writers": list(topic.writers),
        "readers": [f"{r.stage}{' (global)' if r.is_global else ''}" for r in topic.readers],
        "events": list(topic.types),
        "configs": dict(topic.configs),
    }
