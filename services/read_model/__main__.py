"""`python -m services.read_model`: one consumer, until SIGTERM; exit codes: streams.kafka.exits."""

from __future__ import annotations

import logging
import signal
import sys
from threading import Event

from confluent_kafka import KafkaException
from pydantic import ValidationError

from schemas.registry import WORKER_PATIENCE_S, registry_for
from schemas.serde import AvroSerde
from services.read_model.consumer import ReadModel
from services.read_model.metrics import Metrics
from services.read_model.query import TOPICS
from services.read_model.settings import ReadModelSettings
from services.read_model.source import KafkaSource
from services.read_model.valkey import ValkeyStore
from services.settings import problems
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.health import serve

log = logging.getLogger("read_model")


def main() -> int:
    """Runs it; its exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = ReadModelSettings()
        codec = _codec(settings)
        store = _store(settings)
    except ValidationError as error:
        return _ends(Stop(ExitCode.SETTINGS, "; ".join(problems(error))))
    except Stop as wrong:
        return _ends(wrong)
    try:
        _run(settings, codec, store, stop)
    except Stop as ended:
        return _ends(ended)
    except KafkaException as error:
        return _ends(Stop(ExitCode.BUG, f"Kafka: {error.args[0].str()}"))
    finally:
        store.close()
    return ExitCode.STOPPED


def _codec(settings: ReadModelSettings) -> AvroSerde:
    try:
        return AvroSerde(registry_for(settings.registry_url, WORKER_PATIENCE_S))
    except ValueError as error:
        raise Stop(ExitCode.SETTINGS, f"SX_REGISTRY_URL: {error}") from error


def _store(settings: ReadModelSettings) -> ValkeyStore:
    try:
        return ValkeyStore(settings.redis_url.get_secret_value(), settings.prefix)
    except ValueError as error:
        raise Stop(ExitCode.SETTINGS, f"SX_REDIS_URL: {error}") from error


def _run(settings: ReadModelSettings, codec: AvroSerde, store: ValkeyStore, stop: Event) -> None:
    metrics = Metrics()
    source = KafkaSource(settings, TOPICS)
    model = ReadModel(source, codec, store, metrics, stop)
    if settings.metrics_port is not None:
        serve(
            settings.metrics_port,
            metrics.registry,
            model.live,
            lambda: source.assigned and model.writing,
        )
    source.open()
    try:
        model.run()
    finally:
        source.close()


def _ends(stop: Stop) -> int:
    log.critical("%s", stop)
    return int(stop.code)


if __name__ == "__main__":
    sys.exit(main())
