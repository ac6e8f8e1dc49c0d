"""Matching as a service: its stages, topics and tables (topology.md; DE-1).

Nothing is built at import. All rows of a BU lie in one stream task, the one of its partition.
"""

from __future__ import annotations

import re
from typing import Any

from policies.units import Policies
from services.matching.intake import PROVIDERS_TOPIC, Intake
from services.matching.rules.providers import Providers
from services.matching.rules.searches import Searches
from services.matching.rules.state import (
    CALENDARS,
    PROVIDERS,
    SEARCHES,
    CalendarState,
    ProviderState,
    SearchState,
)
from services.policy_record import deadline_grace_ms, policy_texts, policy_version
from streams.service import Input, Relay, Service, Stage
from streams.table import Table

NAME = "matching"


def build(policies: Policies) -> Service:
    """The service, deciding by these policies; their texts are its preamble (ED-12)."""
    intake = Stage(
        "intake",
        (Input("spo.providers", key=_provider_id, tombstones=True),),
        Relay(Intake(policies)),
    )
    providers = Stage(
        "providers",
        (Input(PROVIDERS_TOPIC, key=_provider_id, by=_bu, tombstones=True),),
        Providers(),
        table=Table(PROVIDERS, ProviderState),
    )
    searches = Stage(
        "searches",
        (Input("lifecycle.matching", key=_bu),),
        Searches(policies),
        table=Table(SEARCHES, SearchState),
        also=(Table(CALENDARS, CalendarState),),
    )
    return Service(
        NAME,
        (intake, providers, searches),
        preamble=policy_texts(policies),
        deadline_grace_ms=deadline_grace_ms(policies),
        policy_version=lambda entity: policy_version(policies, _bu_of(entity)),
    )


def _bu_of(entity: str) -> str:
    """The BU with which ids begin: `LMES-701271-I-1`, `LMES:411` (ED-20)."""
    return re.split("[-:]", entity, maxsplit=1)[0]


def _provider_id(event: Any) -> str:
    return str(event.provider_id)


def _bu(event: Any) -> str:
    return str(event.bu)
