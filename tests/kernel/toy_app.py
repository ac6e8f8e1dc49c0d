"""The toy as `faust -A tests.kernel.toy_app` finds it: built when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.kafka.app import ServiceApp


def __getattr__(name: str) -> ServiceApp:
    if name != "app":
        raise AttributeError(name)
    from streams.kafka.app import build_app
    from streams.kafka.settings import KafkaSettings
    from streams.kafka.wiring import Wiring
    from tests.kernel.toy import BANK, ToyCodec

    built = build_app(Wiring(BANK, ToyCodec(), {}, KafkaSettings()))
    globals()["app"] = built
    return built
