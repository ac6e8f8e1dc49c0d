"""What lies outside Kafka: what the vendors' stand-ins received, what workers say they hold."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.chaos.checker.world import Data, Digest

_WITHIN_S = 30.0


def received(url: str) -> dict[str, list[Data]]:
    """What the stand-ins got, by kind: `mails`, `sms`, `pushes`, `tickets`, `refused`."""
    found: dict[str, list[Data]] = _get(f"{url}/_received")
    return found


def digests(urls: Iterable[str]) -> list[Digest]:
    """What each worker says of the tables that it holds."""
    found = []
    for url in urls:
        for said in _get(f"{url}/tables"):
            found.append(
                Digest(
                    url,
                    said["table"],
                    said["partition"],
                    said["changelog"],
                    said["position"],
                    said["rows"],
                    said["digest"],
                )
            )
    return found


def _get(url: str) -> Any:
    """What is answered; a worker that cannot say now (503) is asked again for a while."""
    until = time.monotonic() + _WITHIN_S
    while True:
        try:
            with urlopen(url, timeout=_WITHIN_S) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code != 503 or time.monotonic() > until:
                raise
            time.sleep(0.5)
