"""The life of one Sx, from its creation to its closure: the only writer of `sx.events`."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app`: the Faust app, built when somebody asks for it (`faust -A services.lifecycle`)."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from services.lifecycle.deployment import DEPLOYABLE
    from services.process import app

    return app(DEPLOYABLE)
