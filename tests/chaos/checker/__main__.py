"""`python -m tests.chaos.checker`: checks what any traffic has left on a broker, once it rests."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.chaos.checker import avro, outside, reading
from tests.chaos.checker.letters import planted_by_id
from tests.chaos.checker.report import examine
from tests.chaos.checker.world import At, World


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing is wrong; 1: violations; 2: it could not be read."""
    asked = _parser().parse_args(arguments)
    decoder = avro.bundled() if asked.registry is None else avro.of_registry(asked.registry)
    source = reading.Source(asked.servers, asked.prefix, asked.input_prefix)
    try:
        world = reading.read(source, decoder)
        world = replace(
            world,
            digests=outside.digests(asked.worker) if asked.worker else None,
            received=None if asked.standins is None else outside.received(asked.standins),
            planted=None if asked.planted is None else planted(world, asked.planted),
        )
    except (reading.Unreachable, OSError, ValueError, KeyError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    report = examine(world)
    print(json.dumps(report.as_json(), indent=1) if asked.json else report.as_text())
    return 1 if report.found else 0


def planted(world: World, file: Path) -> frozenset[At]:
    """The records that a file names, in JSON lines {"topic", "partition", "offset"} or {"id"}."""
    lines = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    placed = ((e["topic"], e["partition"], e["offset"]) for e in lines if "id" not in e)
    return frozenset(placed) | planted_by_id(world, frozenset(e["id"] for e in lines if "id" in e))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.checker", description=__doc__)
    add = parser.add_argument
    add("--servers", required=True, help="Kafka's host:port")
    add("--prefix", default="", help="before every topic and group of the services")
    add("--input-prefix", help="before every upstream topic; the prefix by default")
    add("--registry", help="a registry that speaks Confluent's API; the bundled ids by default")
    add(
        "--worker",
        action="append",
        default=[],
        help="URL of a worker's health port; all or none of them",
    )
    add("--standins", help="URL of the vendors' stand-ins")
    add("--planted", type=Path, help="JSON lines of the poison that was planted")
    add("--json", action="store_true", help="the report for programs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
