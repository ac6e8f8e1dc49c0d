"""The stand-ins as a guarded process of the local stack."""

import sys
import time
from pathlib import Path

import httpx

from stack.ports import listening
from stack.process import Part, StackError, tail

READY_WITHIN_S = 120.0
_PROJECT = Path(__file__).parents[2]


def start_standins(folder: Path, http_port: int, smtp_port: int, *, detach: bool = False) -> Part:
    """Start `python -m stack.standins`; does not wait for it.  Its log lies beside `folder`."""
    command = [sys.executable, "-m", "stack.standins", "--folder", str(folder)]
    command += ["--http-port", str(http_port), "--smtp-port", str(smtp_port)]
    return Part.start(
        "stand-ins", command, folder.parent / "standins.log", detach=detach, cwd=_PROJECT
    )


def await_standins(part: Part, url: str, smtp_port: int, within_s: float = READY_WITHIN_S) -> None:
    """Return when they answer over HTTP and SMTP.  Raises StackError as Kafka's does."""
    until = time.monotonic() + within_s
    with httpx.Client(base_url=url, timeout=2) as client:
        while True:
            try:
                if client.get("/_control").is_success and listening(smtp_port):
                    return
            except httpx.TransportError:
                time.sleep(0.05)
            if not part.alive():
                raise StackError(f"the stand-ins ended while starting; {tail(part.log)}")
            if time.monotonic() > until:
                raise StackError(f"the stand-ins were not ready in time; {tail(part.log)}")
