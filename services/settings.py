"""What every service is told by its environment (`SX_…`), and how a wrong setting is told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from streams.kafka.settings import KafkaSettings


class ServiceSettings(KafkaSettings):
    """Settings that all services share, beside those of the kernel.

    registry_url: `bundled:` or the address of a schema registry over HTTP.
    policy_file: a YAML file of the policy keys that differ from the shipped ones, by business
    unit, or a folder with a file for each (policies.load).
    time: `live` by the wall clock, `stepped` by the ticks of a driver (`simulation`).
    """

    registry_url: str = "bundled:"
    policy_file: Path | None = None
    time: Literal["live", "stepped"] = "live"


def problems(error: ValidationError) -> list[str]:
    """Each setting that is wrong, by its name in the environment, and why."""
    return [
        f"SX_{'_'.join(str(part) for part in each['loc']).upper()}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)
    ]
