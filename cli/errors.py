"""Errors that a person can mend: one message that says what to do next."""

from __future__ import annotations


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
    from services.settings import problems
    from stack.process import StackError

    if isinstance(error, KafkaException):
        return CommandError(f"Kafka: {error.args[0].str()}")
    if isinstance(error, RedisError):
        return CommandError(f"Valkey: {error}; is it up, and is SX_REDIS_URL its address?")
    if isinstance(error, ValidationError):
        return CommandError("; ".join(problems(error)))
    if isinstance(error, PolicyError | BadSchemaError | RegistryError | StackError):
        return CommandError(str(error))
    return None
