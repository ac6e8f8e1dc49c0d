"""The settings of a command: the environment's, or those of the local stack that runs here."""

from __future__ import annotations

import os

from cli.errors import CommandError

KAFKA = "SX_KAFKA_BOOTSTRAP_SERVERS"
REDIS = "SX_REDIS_URL"
REGISTRY = "SX_REGISTRY_URL"


def settled(setting: str = KAFKA) -> str:
    """Sees to it that the environment has `setting`; says where its value is from.

    Where it has none and a local stack runs in this project, all settings of that one which the
    environment leaves open are taken from there. Raises `CommandError` where there is neither.
    """
    if os.environ.get(setting):
        return setting
    from stack.local import LocalStack

    stack = LocalStack()
    if not stack.find():
        raise CommandError(
            f"{setting} is not set and no local stack runs in {stack.folder}."
            f" Start one with `sx up -d`, or set {setting}."
        )
    for name, value in stack.environment().items():
        os.environ.setdefault(name, value)
    return f"the local stack in {stack.folder}"
