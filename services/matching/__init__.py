"""Which Pro does a service: calendars, ranking and rounds, one stream task per business unit."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app`: the Faust app, built when somebody asks for it (`faust -A services.matching`)."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from services.matching.deployment import DEPLOYABLE
    from services.process import app

    return app(DEPLOYABLE)
