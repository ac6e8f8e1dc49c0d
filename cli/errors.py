"""Errors that a person can mend: one message that says what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class CommandError(Exception):
    """A command could not do its work; `code` is the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def mendable(error: Exception) -> CommandError | None:
    """What to tell a person about an error that is no fault of the program, None for any other."""
    if isinstance(error, CommandError):
        return error
    from confluent_kafka import KafkaException
    from pydantic import ValidationError
    from redis.exceptions import RedisError

    from policies.keys import PolicyError
    from schemas.avsc import BadSchemaError
    from schemas.registry import RegistryError
    from stack.process import StackError

    if isinstance(error, KafkaException):
        return CommandError(f"Kafka: {error.args[0].str()}")
    if isinstance(error, RedisError):
        return CommandError(f"Valkey: {error}; is it up, and is SX_REDIS_URL its address?")
    if isinstance(error, ValidationError):
        return CommandError(wrong_settings(error))
    if isinstance(error, PolicyError | BadSchemaError | RegistryError | StackError):
        return CommandError(str(error))
    return None


def wrong_settings(error: ValidationError) -> str:
    """What is wrong with the settings, each with its name in the environment."""
    problems = []
    for each in error.errors(include_url=False, include_input=False):
        name = "_".join(str(part) for part in each["loc"]).upper()
        problems.append(f"SX_{name}: {each['msg']}")
    return "; ".join(problems)
