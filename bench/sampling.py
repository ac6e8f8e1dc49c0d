"""Where a worker's time goes: what its two threads stand in, looked at every few milliseconds.

Of the agent's thread (it decides) and Kafka's (it consumes, produces, commits) one works while the
other waits, so that each moment belongs to one stage: the innermost function that is in the table.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from types import FrameType

_EVERY_S = 0.002

STAGES = ("consume", "decode", "rule", "encode", "kernel", "produce", "commit", "other")
"""kernel: rows, envelopes, dedupe and outcomes around the rules. other: metrics, hand-overs."""

_BY_FUNCTION = {
    ("streams/kafka/inputs.py", "poll"): "consume",
    ("streams/kafka/inputs.py", "take"): "consume",
    ("streams/kafka/transaction.py", "_produce"): "produce",
    ("streams/kafka/transaction.py", "commit"): "commit",
    ("streams/kafka/worker.py", "commit"): "other",
    ("schemas/serde.py", "decode"): "decode",
    ("schemas/serde.py", "encode"): "encode",
    ("streams/kafka/work.py", "decide"): "kernel",
    ("streams/kafka/work.py", "outputs"): "kernel",
}
_RULES = "/rules/"
_OF_RULES = frozenset(("bench/service.py", name) for name in ("decide", "evolve", "outputs"))


class Sampler:
    """Looks at this process's threads until `stop`."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> Mapping[str, float]:
        """Ends; the share of each stage in the time in which anything was going on."""
        self._ended.set()
        self._thread.join()
        total = sum(self._counts.values()) or 1
        return {stage: self._counts[stage] / total for stage in STAGES}

    def _run(self) -> None:
        while not self._ended.is_set():
            time.sleep(_EVERY_S)
            found = [stage for frame in _frames() if (stage := _stage(frame)) is not None]
            self._counts.update(found[:1] or ["other"])


def _frames() -> list[FrameType]:
    """Those of Kafka's thread first: while it works, the agent's waits for it."""
    frames = sys._current_frames()
    named = {thread.ident: thread.name for thread in threading.enumerate()}
    kept = [(named.get(ident, ""), frame) for ident, frame in frames.items()]
    kafka = [frame for name, frame in kept if name.startswith("kafka")]
    return [*kafka, *(frame for name, frame in kept if name == "MainThread")]


def _stage(frame: FrameType | None) -> str | None:
    while frame is not None:
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        parts = file.split("/")
        short = "/".join(parts[-2:])
        if _RULES in file or (short, function) in _OF_RULES:
            return "rule"
        stage = _BY_FUNCTION.get(("/".join(parts[-3:]), function))
        stage = stage or _BY_FUNCTION.get((short, function))
        if stage is not None:
            return stage
        frame = frame.f_back
    return None
