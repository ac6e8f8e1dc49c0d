"""`python -m tests.chaos [--for 30m] [--seed N]`: faults under live traffic, then the checks."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.fleet import CRASHED
from tests.chaos.run import Done, Wanted, run
from tests.chaos.schedule import DECK, Kind

_UNITS = {"s": 1, "m": 60, "h": 3600}


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing is wrong; 1: violations."""
    asked = command_line().parse_args(arguments)
    seed = int(time.time()) if asked.seed is None else asked.seed
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    print(f"seed {seed}, {asked.seconds:.0f} s, {asked.rate:g} orders a second; all is in {folder}")
    deck = [card for card in DECK if not asked.only or card[0] in asked.only]
    done = run(Wanted(seed, asked.seconds, asked.rate, asked.every, deck), folder, _say)
    report = asked.report or folder / "report.json"
    report.write_text(json.dumps(done.as_json(), indent=1))
    print(told(done))
    print(f"report: {report}; the same faults again: {again(seed, asked)}")
    return 1 if done.violations else 0


def again(seed: int, asked: argparse.Namespace) -> str:
    """The command that plans the same faults and the same traffic: all that they follow from."""
    only = "".join(f' --only "{kind}"' for kind in asked.only or ())
    return (
        f"python -m tests.chaos --seed {seed} --for {asked.seconds:g}s"
        f" --rate {asked.rate:g} --every {asked.every:g}{only}"
    )


def told(done: Done) -> str:
    """The outcome for people."""
    counted = {**done.by_kind, "poison": done.twists["poison"]}
    lines = [f"{name:<20}{number:>6}" for name, number in sorted(counted.items())]
    lines += [
        "",
        "" if done.report is None else done.report.as_text(),
        *(
            f"folded again, {name}: {each.inputs:,} inputs and {each.deadlines:,} deadlines,"
            f" {each.events:,} events of {each.entities:,} entities,"
            f" {len(each.differences)} of which differ"
            for name, each in done.folded.items()
        ),
        *(
            [f"ended by a crash of librdkafka and started again: {crashes}"]
            if (crashes := sum(n for (_, code), n in done.ended.items() if code == CRASHED))
            else []
        ),
        f"{sum(done.inputs.values()):,} inputs, {done.orders:,} orders,"
        f" {sum(done.by_kind.values())} faults in {done.seconds:.0f} s,"
        f" {len(done.violations)} violations",
        *done.violations[:50],
    ]
    return "\n".join(lines)


def seconds(text: str) -> float:
    """`90`, `90s`, `30m`, `2h` in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: give 90s, 30m or 2h")
    return float(found[1]) * _UNITS[found[2] or "s"]


def _say(line: str) -> None:
    print(line, flush=True)


def command_line() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    add = parser.add_argument
    add("--for", dest="seconds", type=seconds, default=1800.0, help="how long, such as 90s or 30m")
    add("--seed", type=int, help="the same seed makes the same faults; another each time without")
    add("--rate", type=float, default=5.0, help="orders a second")
    add("--every", type=float, default=5.0, help="seconds from one fault to the next, about")
    add("--only", action="append", type=Kind, help="faults of this kind alone; repeatable")
    add("--folder", type=Path, help="where logs and topics are kept; a new one by default")
    add("--report", type=Path, help="where the report goes; in the folder by default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
