"""`python -m tests.chaos [--for 30m] [--seed N]`: faults under live traffic, then the checks."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.chaos.injector import LEFT_OUT
from tests.chaos.run import Done, Wanted, name_of, run, told_ends
from tests.chaos.schedule import DECK, Kind
from tests.chaos.seeds import play

Say = Callable[[str], None]
_UNITS = {"s": 1, "m": 60, "h": 3600}


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing is wrong; 1: violations."""
    asked = command_line().parse_args(arguments)
    seed = int(time.time()) if asked.seed is None else asked.seed
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    say = _say_aside if asked.json else _say
    say(f"seed {seed}, {asked.seconds:.0f} s; all is in {folder}")
    told = _stepped(seed, asked, folder, say) if asked.stepped else _live(seed, asked, folder, say)
    report = asked.report or folder / "report.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(told, indent=1))
    if asked.json:
        print(report.read_text())
    say(f"report: {report}; the same faults again: {again(seed, asked)}")
    return 1 if told["violations"] else 0


def _live(seed: int, asked: argparse.Namespace, folder: Path, say: Say) -> dict[str, Any]:
    deck = [card for card in DECK if not asked.only or card[0] in asked.only]
    wanted = Wanted(seed, asked.seconds, asked.rate, asked.every, deck, asked.sample)
    done = run(wanted, folder, say)
    say(told(done))
    return done.as_json()


def _stepped(seed: int, asked: argparse.Namespace, folder: Path, say: Say) -> dict[str, Any]:
    played = play(seed, asked.seconds, folder, say)
    say(played.as_text())
    return played.as_json()


def again(seed: int, asked: argparse.Namespace) -> str:
    """The command that plans the same faults and the same traffic: all that they follow from."""
    if asked.stepped:
        return f"python -m tests.chaos --seed {seed} --for {asked.seconds:g}s --stepped"
    only = "".join(f' --only "{kind}"' for kind in asked.only or ())
    return (
        f"python -m tests.chaos --seed {seed} --for {asked.seconds:g}s"
        f" --rate {asked.rate:g} --every {asked.every:g}{only}{' --sample' if asked.sample else ''}"
    )


def told(done: Done) -> str:
    """The outcome for people."""
    counted = {**done.by_kind, "poison": done.twists["poison"]}
    ends = [f"{who} {number}" for who, number in told_ends(done.by_itself).items()]
    left_out = {str(each.fault.kind) for each in done.injected if each.how == LEFT_OUT}
    lines = [f"{name:<20}{number:>6}" for name, number in sorted(counted.items())]
    lines += [
        "",
        *([f"left out on this machine: {', '.join(sorted(left_out))}"] if left_out else []),
        f"planned and not reached: {missed(done)}",
        f"poison came to {len(done.poison)} topics",
        "",
        "" if done.report is None else done.report.as_text(),
        *(
            f"folded again, {name}: {each.inputs:,} inputs, {each.deadlines:,} deadlines and"
            f" {each.effects:,} answers,"
            f" {each.events:,} events of {each.entities:,} entities,"
            f" {len(each.differences)} of which differ"
            for name, each in done.folded.items()
        ),
        f"ended by themselves, and started again: {', '.join(ends) or 'none'}",
        f"seed {done.wanted.seed}: {sum(done.inputs.values()):,} inputs, {done.orders:,} orders,"
        f" {sum(done.by_kind.values())} of {done.planned.total()} faults planned in"
        f" {done.seconds:.0f} s, {len(done.violations)} violations",
        *done.violations[:50],
    ]
    return "\n".join(lines)


def missed(done: Done) -> str:
    """What was planned and did not come about, by kind and point."""
    found = [f"{name_of(card)} {number}" for card, number in sorted(done.missed.items())]
    return ", ".join(found) or "nothing"


def seconds(text: str) -> float:
    """`90`, `90s`, `30m`, `2h` in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: give 90s, 30m or 2h")
    return float(found[1]) * _UNITS[found[2] or "s"]


def _say(line: str) -> None:
    print(line, flush=True)


def _say_aside(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def command_line() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    add = parser.add_argument
    add("--for", dest="seconds", type=seconds, default=1800.0, help="how long, such as 90s or 30m")
    add("--seed", type=int, help="the same seed makes the same faults; another each time without")
    add("--rate", type=float, default=5.0, help="orders a second")
    add("--every", type=float, default=5.0, help="seconds from one fault to the next, about")
    add("--only", action="append", type=Kind, help="faults of this kind alone; repeatable")
    add("--sample", action="store_true", help="each kind once, however long it takes")
    add("--stepped", action="store_true", help="seed after seed in stepped time, from that one on")
    add("--json", action="store_true", help="the report for programs; the rest goes to stderr")
    add("--folder", type=Path, help="where logs and topics are kept; a new one by default")
    add("--report", type=Path, help="where the report goes; in the folder by default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
