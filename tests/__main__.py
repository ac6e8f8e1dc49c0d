"""`python -m tests [LAYER …]`: runs the layers, and says how long each took and what it cost.

The rules come first, then chaos, which is hard on the machine already: each alone. Then two layers
at a time run side by side, as those with a broker wait more than they work; what each printed is
shown when it has ended. A new folder of tests is found by itself, so none is forgotten. A layer
that fails, or in which no test ran, does not keep the next from running; the exit code is 1 then.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

TESTS = Path(__file__).parent
ALONE = ("rules", "chaos")
LONGEST = ("pipeline", "kernel", "registry")
"""Those with a broker of their own, the longest first; the others follow."""

_BY_FILE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
SPREAD = {
    "kernel": ("-n", "4", "--dist", "worksteal"),
    "chaos": _BY_FILE,
    "pipeline": _BY_FILE,
    "registry": ("-n", "0"),
    "docs": _BY_FILE,
}
"""How pytest-xdist spreads a layer's tests over processes, where not one by one over all cores.

Those of the kernel wait the most: more processes than a small machine has cores, each with a broker
of its own (below 1 GB). The tests of one file share what they start; a file is begun in its turn,
those that are marked `longest` first.
"""

AT_ONCE = 2
_SHOWING = threading.Lock()


@dataclass(frozen=True)
class Ran:
    """How a layer went: whether all passed, and seconds, of the clock and of all its processes."""

    layer: str
    well: bool
    seconds: float
    cpu: float


def layers(tests: Path = TESTS) -> list[str]:
    """The folders that hold tests, in the order in which they begin."""
    found = {path.relative_to(tests).parts[0] for path in tests.glob("*/**/test_*.py")}
    return [*ALONE, *LONGEST, *sorted(found - {*ALONE, *LONGEST})]


def run(layer: str, out: IO[bytes] | None = None) -> Ran:
    """Runs one layer (pytest exits 5 where no test ran); what it prints goes to `out`."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", str(TESTS / layer), "--durations=5"]
    command += SPREAD.get(layer, ("-n", "auto"))
    child = subprocess.Popen(command, cwd=TESTS.parent, stdout=out, stderr=out)
    try:
        _, status, used = os.wait4(child.pid, 0)
    except KeyboardInterrupt:
        child.wait()  # Ctrl-C reached pytest too: let it stop the broker that it started
        raise
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    return Ran(layer, child.returncode == 0, seconds, used.ru_utime + used.ru_stime)


def run_aside(layer: str) -> Ran:
    """Runs one layer and shows what it printed when it has ended."""
    print(f"… {layer}", flush=True)
    with TemporaryFile() as out:
        ran = run(layer, out)
        out.seek(0)
        with _SHOWING:
            print(f"\n== {layer}", flush=True)
            sys.stdout.buffer.write(out.read())
            sys.stdout.flush()
    return ran


def main(wanted: Sequence[str]) -> int:
    """Runs the layers wanted, all of them by default, and prints a line for each."""
    ahead = list(wanted) or layers()
    began = time.monotonic()
    alone = ahead if len(ahead) == 1 else [layer for layer in ahead if layer in ALONE]
    ran = [run(layer) for layer in alone]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        beside = [pool.submit(run_aside, layer) for layer in ahead if layer not in alone]
        try:
            ran += [each.result() for each in beside]
        except BaseException:  # Ctrl-C, too: who has not begun does not begin
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    print("\nlayer      result   seconds      cpu")
    for one in ran:
        said = "passed" if one.well else "FAILED"
        print(f"{one.layer:<10} {said} {one.seconds:>9.1f} {one.cpu:>8.1f}")
    print(f"{'together':<17} {time.monotonic() - began:>9.1f} {sum(one.cpu for one in ran):>8.1f}")
    return 0 if all(one.well for one in ran) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
