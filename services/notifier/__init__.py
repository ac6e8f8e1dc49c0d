"""Which event makes which message to whom: mail, SMS and push."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app`: the Faust app, built when somebody asks for it (`faust -A services.notifier`)."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from services.notifier.deployment import DEPLOYABLE
    from services.process import app

    return app(DEPLOYABLE)
