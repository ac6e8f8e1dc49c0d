"""Orders as they come in, and the project (Px) that gathers the services (Sx) of a customer."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app`: the Faust app, built when somebody asks for it (`faust -A services.order_ingest`)."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from services.order_ingest.deployment import DEPLOYABLE
    from services.process import app

    return app(DEPLOYABLE)
