"""Why a worker ends by itself: the exit codes, each with what mends it."""

from __future__ import annotations

from enum import IntEnum

from confluent_kafka import KafkaError

from streams.row import NewerRow


class ExitCode(IntEnum):
    """The exit code of a worker's process. 0: asked to stop, and did. 1: a bug, see the log."""

    STOPPED = 0
    BUG = 1
    SETTINGS = 10
    """A setting or policy file is wrong: the message names file, key and reason."""
    BROKER_AWAY = 11
    """No broker answered within `SX_BROKER_WAIT_S`."""
    BROKER_TOO_OLD = 12
    """The broker does not know `group.protocol=consumer` (KIP-848): it must be 4.0 or later."""
    TOPICS = 13
    """Topics are missing or misconfigured: `sx topics apply` (K-16, K-21, K-30)."""
    LOST_OFFSETS = 14
    """Where to go on from is lost, or records were deleted unread (K-31)."""
    FENCED = 15
    """Another process runs with our instance id (K-13): give each its own `SX_ORDINAL`."""
    NEWER_ROW = 16
    """A row was written by a later release: run that one, or a later one (K-19)."""
    CORRUPT_ROW = 17
    """A changelog holds bytes that are no row (K-20)."""
    TRANSACTION_LOST = 18
    """Transactions fail, with a new producer too, or all aborted for a minute (K-7).

    Or the consumer hears nothing where brokers answer others, or its group was forgotten (K-29).
    """
    SCHEMAS = 19
    """The registry lacks schemas that the service writes: `sx schemas register`."""
    ACCESS = 20
    """The brokers do not let us do what a worker has to: `sx topics acls`."""


DENIED = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)
"""What a broker answers to who lacks a permission."""


class Stop(Exception):
    """Ends the worker with an exit code and a message for people."""

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def unreadable(error: Exception, where: str = "") -> Stop:
    """What a row that cannot be read comes to: nothing is guessed, none lies still (K-20)."""
    code = ExitCode.NEWER_ROW if isinstance(error, NewerRow) else ExitCode.CORRUPT_ROW
    return Stop(code, f"{where}{error}")
