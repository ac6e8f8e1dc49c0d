"""The ways of `sx traffic`: live on a broker, stepped in memory or on the local Kafka, a file."""

from __future__ import annotations

import json as jsons
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from cli.broker import Broker, codec, connect
from cli.errors import CommandError
from cli.output import as_json, counted, note, show, table
from cli.traffic_plan import Count, Wanted
from schemas.catalogue import TOPICS
from stack.traffic.inputs import Input, Published, published
from stack.traffic.known import await_known
from stack.traffic.publisher import Traffic
from streams.codec import Codec
from streams.instant import rfc3339

_AHEAD_MS = 500
_LINE_EVERY_S = 5.0
_LOOK_S = 0.25


# --- a file ---------------------------------------------------------------------------------------


def written(wanted: Wanted, path: Path, json: bool) -> None:
    """Writes a stepped run as a file of events."""
    count = Count()
    try:
        with path.open("w", encoding="utf-8") as file:
            for item in count.each(wanted.stepped()):
                file.write(jsons.dumps(item.line(), ensure_ascii=False) + "\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}") from error
    _tell(count.summary(wanted, "file", wanted.start), json)
    if not json:
        note(f"Play it: sx simulate {path} --until {rfc3339(wanted.until)}")


# --- stepped --------------------------------------------------------------------------------------


def simulated(wanted: Wanted, json: bool) -> None:
    """Plays a stepped run in memory."""
    from stack.scenario.simulation import Simulation

    simulation = Simulation.of(wanted.policy)
    count = Count()
    said = _followed(count.each(wanted.stepped(simulation.codec)))
    script = (published(item, simulation.codec).record for item in said)
    outcome = simulation.play(script, wanted.until)
    _tell(count.summary(wanted, "simulated", wanted.start) | _came_of_it(outcome), json)


def real_stepped(wanted: Wanted, json: bool) -> None:
    """Plays a stepped run on the local Kafka, with workers under a prefix of its own."""
    from stack.local import LocalStack
    from stack.runs import dated_prefix
    from stack.scenario.real import RealRun

    said = Console(stderr=True)
    stack = LocalStack(console=said)
    with said.status("Starting Kafka, Valkey and the vendors' stand-ins …"):
        stack.start()
    mine = stack.owned
    try:
        folder = stack.folder / "workers"
        prefix = dated_prefix("traffic")
        run = RealRun(
            stack.environment(), folder, prefix, policy=wanted.policy, beneath=stack.check
        )
        count = Count()
        try:
            with said.status("Starting the services …") as status:
                run.start(lambda name: status.update(f"Starting the services … {name} is ready"))
            items = _followed(count.each(wanted.stepped(run.codec)))
            script = (published(item, run.codec).record for item in items)
            outcome = run.play(script, wanted.until)
        finally:
            run.stop()
    finally:
        if mine:
            with said.status("Ending what was started …"):
                stack.stop()
    summary = count.summary(wanted, "stepped", wanted.start) | _came_of_it(outcome)
    _tell({**summary, "prefix": prefix}, json)


def _followed(items: Iterable[Input]) -> Iterator[Input]:
    """Shows on stderr how far it is; all records are planned first, within a second or two."""
    planned = list(items)
    console = Console(stderr=True)
    yield from track(planned, "Playing", console=console, transient=True, update_period=0.2)


def _came_of_it(outcome: dict[str, Any]) -> dict[str, Any]:
    statuses = Counter(state["status"] for state in outcome["sx"].values())
    return {
        "until": outcome["until"],
        "sx": dict(sorted(statuses.items())),
        "refused": len(outcome["refused"]),
        "dead_letters": len(outcome["dead_letters"]),
        "tasks": len(outcome["tasks"]),
        "messages": len(outcome["messages"]),
        "payments": len(outcome["payments"]),
    }


# --- live -----------------------------------------------------------------------------------------


def live(wanted: Wanted, json: bool) -> None:
    """Publishes a live run on the broker that the environment names, or the local one."""
    broker = connect()
    for known in TOPICS.values():
        if known.writers == ("upstream",):
            broker.partitions(known.name)
    avro = codec()
    ready = [published(item, avro) for item in _references(wanted, avro)]
    with Console(stderr=True).status("Telling the services stores, services and Pros …"):
        first = Traffic(broker.settings, broker.names.read, ready, paced=False)
        first.start()
        first.finish()
        await_known(broker.settings, broker.names, ready)
    start = round(time.time() * 1000) + _AHEAD_MS
    traffic = Traffic(broker.settings, broker.names.read, _said(wanted, start, avro))
    stopped = _watched(traffic, wanted, broker)
    count = Count()
    for run in (first, traffic):
        count.published(run)
    _tell({**count.summary(wanted, "live", start), "stopped": stopped}, json)


def _references(wanted: Wanted, avro: Codec) -> Iterator[Input]:
    now = round(time.time() * 1000)
    for item in wanted.live(now, avro):
        if item.at >= now:
            return
        yield item


def _said(wanted: Wanted, start: int, avro: Codec) -> Iterator[Published]:
    for item in wanted.live(start, avro):
        if item.at >= start:
            yield published(item, avro)


def _watched(traffic: Traffic, wanted: Wanted, broker: Broker) -> bool:
    """Waits for the end and tells how far it is; whether somebody stopped it (Ctrl-C)."""
    console = Console(stderr=True)
    traffic.start()
    began = told = time.monotonic()
    stopped = False
    try:
        with console.status(f"Publishing to {broker.address} …") as status:
            while not traffic.is_over(_LOOK_S):
                line = _progress(traffic, time.monotonic() - began, wanted)
                status.update(line)
                if not console.is_terminal and time.monotonic() - told >= _LINE_EVERY_S:
                    note(line)
                    told = time.monotonic()
    except KeyboardInterrupt:
        stopped = True
        traffic.stop()
    traffic.finish()
    return stopped


def _progress(traffic: Traffic, passed: float, wanted: Wanted) -> str:
    late = f", {traffic.behind_ms} ms behind" if traffic.behind_ms > 100 else ""
    return (
        f"{passed:.0f} of {wanted.seconds:.0f} s: {counted(traffic.orders, 'order')},"
        f" {counted(traffic.acknowledged, 'record')} (seed {wanted.seed}){late}"
    )


# --- what is told ---------------------------------------------------------------------------------


def _tell(summary: dict[str, Any], json: bool) -> None:
    if json:
        as_json(summary)
        return
    rows = [
        (topic, type_, number)
        for topic, types in summary["topics"].items()
        for type_, number in types.items()
    ]
    title = f"{counted(summary['records'], 'record')}, seed {summary['seed']}"
    show(table(title, ("topic", "type", "records"), rows))
    plain = [
        (name.replace("_", " "), _shown(value))
        for name, value in summary.items()
        if name not in ("topics", "records", "seed")
    ]
    show(table("Summary", ("", ""), plain))


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items()) or None
    return value
