"""The broker's own settings, of a topic or a group, changed while it runs."""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)


def altered(admin: AdminClient, kind: ResourceType, name: str, config: Mapping[str, str]) -> None:
    """Sets them and returns once the broker has; what else is set there stays."""
    entries = [
        ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
        for key, value in config.items()
    ]
    asked = ConfigResource(kind, name, incremental_configs=entries)
    for done in admin.incremental_alter_configs([asked]).values():
        done.result()
