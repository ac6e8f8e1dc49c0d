"""The same broker in a container, where there is a Docker engine: `pytest -m docker tests/kernel`.

Image and tag are docker-compose.yml's, settings those of the local stack. It takes the host's
network (Linux), so that its listeners are the ones it advertises.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from stack.kafka import PATIENT, server_properties
from stack.ports import HOST, free_ports

_COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
_DATA = Path("/var/lib/kafka/data")


def image() -> str:
    """The broker's image, pinned."""
    name: str = yaml.safe_load(_COMPOSE.read_text())["services"]["kafka"]["image"]
    return name


def environment(port: int, controller_port: int) -> dict[str, str]:
    """The broker's settings as the image takes them: `log.dirs` is KAFKA_LOG_DIRS."""
    settings = server_properties(_DATA, port, controller_port, node=PATIENT)
    return {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}


@contextmanager
def kafka() -> Iterator[str]:
    """Runs the broker; gives its bootstrap servers. The engine's error says that there is none."""
    port, controller_port = free_ports(2)
    container = (
        DockerContainer(image())
        .with_envs(**environment(port, controller_port))
        .with_kwargs(network_mode="host")
        .waiting_for(LogMessageWaitStrategy("Kafka Server started"))
    )
    with container:
        yield f"{HOST}:{port}"
