"""Ports that are handed out before anybody listens on them."""

from __future__ import annotations

import subprocess
import sys

ASK = "from stack.ports import free_ports; print(*free_ports(300), flush=True); input()"
"""Goes on for as long as it is not told to end."""


def test_no_two_processes_are_given_the_same_port() -> None:
    """Each of them may take seconds to bind what it was given."""
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    given: list[str] = []
    for process in asking:
        assert process.stdout is not None
        given += process.stdout.readline().split()
    for process in asking:
        process.communicate("\n")
        assert process.returncode == 0
    assert len(given) == len(set(given)) == 4 * 300
