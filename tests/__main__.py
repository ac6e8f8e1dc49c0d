"""`python -m tests [LAYER …]`: runs the layers one after the other and says how long each took.

A folder of tests that is no layer of its own (the schemas', say) runs after the rules, so none is
forgotten. A layer that fails, or in which no test ran, does not keep the next from running; the
exit code is 1 then.
"""

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).parent
FAST, SLOW = ("rules",), ("kernel", "services", "pipeline", "registry", "chaos", "docs")
ALONE = frozenset({"pipeline", "registry", "chaos", "docs"})
"""Layers whose tests share one broker: one process; the others use every core."""

WAITING = frozenset({"kernel"})
"""Layers whose tests wait more than they work: more processes than a small machine has cores, each
with a broker of its own (below 1 GB)."""


def layers(tests: Path = TESTS) -> list[str]:
    """The folders that hold tests, in the order in which they run: fast and narrow ones first."""
    found = {path.relative_to(tests).parts[0] for path in tests.glob("*/**/test_*.py")}
    return [*FAST, *sorted(found - {*FAST, *SLOW}), *SLOW]


def spread(layer: str) -> list[str]:
    """How pytest-xdist spreads a layer's tests over processes."""
    if layer in WAITING:
        return ["-n", "4", "--dist", "worksteal"]
    return ["-n", "0" if layer in ALONE else "auto"]


def run(layer: str) -> tuple[bool, float]:
    """Runs one layer; whether all went well (pytest exits 5 where no test ran), and seconds."""
    print(f"\n== {layer}", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", str(TESTS / layer), "--durations=5", *spread(layer)]
    with subprocess.Popen(command, cwd=TESTS.parent) as child:
        try:
            child.wait()
        except KeyboardInterrupt:
            child.wait()  # Ctrl-C reached pytest too: let it stop the broker that it started
            raise
    return child.returncode == 0, time.monotonic() - started


def main(wanted: Iterable[str]) -> int:
    """Runs the layers wanted, all of them by default, and prints a line for each."""
    results = {layer: run(layer) for layer in list(wanted) or layers()}
    print("\nlayer      result   seconds")
    for layer, (well, seconds) in results.items():
        print(f"{layer:<10} {'passed' if well else 'FAILED':<7} {seconds:>8.1f}")
    return 0 if all(well for well, _ in results.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
