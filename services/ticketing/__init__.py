"""Which event opens or solves which task in Zendesk."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app`: the Faust app, built when somebody asks for it (`faust -A services.ticketing`)."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from services.process import app
    from services.ticketing.deployment import DEPLOYABLE

    return app(DEPLOYABLE)
