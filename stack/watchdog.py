"""Runs one command and leaves nothing behind: the guard of each part of the local stack.

Started as a file (`python -I -S stack/watchdog.py GRACE_S MODE COMMAND...`), so that it needs no
package and is up in a few ms.  It prints the command's process id on its standard output and then
waits.  It ends the command's process group (SIGTERM, SIGKILL after GRACE_S seconds)

- when its standard input closes: in MODE `attached` the owner holds the other end of that pipe, so
  the kernel closes it however the owner dies, SIGKILL included;
- on SIGTERM, SIGINT and SIGHUP.

In MODE `detached` its standard input is not watched (`sx up -d`).  On Linux the command is killed
as well when the guard itself is.  Exit code: the command's own, 128 + signal if one ended it.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.05


def _die_with_guard() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _signal_group(child: "subprocess.Popen[bytes]", number: int) -> bool:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _end(child: "subprocess.Popen[bytes]", grace_s: float) -> None:
    _signal_group(child, signal.SIGTERM)
    # A stopped process (SIGSTOP) takes no SIGTERM until it goes on.
    _signal_group(child, signal.SIGCONT)
    until = time.monotonic() + grace_s
    while child.poll() is None and time.monotonic() < until:
        time.sleep(_POLL_S)
    _signal_group(child, signal.SIGKILL)
    child.wait()


def main(arguments: list[str]) -> int:
    """Run the command until it ends or has to; return the exit code of the process."""
    grace_s, attached, command = float(arguments[0]), arguments[1] == "attached", arguments[2:]
    wake_read, wake_write = os.pipe()
    for end in (wake_read, wake_write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake_write)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
        preexec_fn=_die_with_guard if sys.platform == "linux" else None,
    )
    os.write(1, b"%d\n" % child.pid)
    os.close(1)
    watched = [0, wake_read] if attached else [wake_read]
    while child.poll() is None:
        ready, _, _ = select.select(watched, [], [])
        if 0 in ready and not os.read(0, 1024):
            break
        if wake_read in ready and set(os.read(wake_read, 1024)) - {signal.SIGCHLD}:
            break
    _end(child, grace_s)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
