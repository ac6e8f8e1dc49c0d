"""Lifecycle as a service: one stage over one table, the Sx and all that it waits for."""

from typing import Any

from policies.units import Policies
from services.lifecycle.rules.dispatch import CATALOGUE, LifecycleRules, sx_of
from services.lifecycle.rules.ids import bu_of
from services.lifecycle.rules.state import SxState
from services.policy_record import deadline_grace_ms, policy_texts, policy_version
from streams.service import Input, Service, Stage
from streams.table import Table

INPUTS = (
    "order_ingest.sx",
    "matching.answers",
    "adobe.contracts",
    "adobe.wcf",
    "sma.jobs",
    "sop.operations",
    "care.requests",
)
"""All keyed by the Sx."""


def build(policies: Policies) -> Service:
    """The service, deciding by these policies; their texts are told first (ED-12)."""
    stage = Stage(
        name="lifecycle",
        inputs=tuple(Input(topic, key=_key) for topic in INPUTS),
        logic=LifecycleRules(policies),
        table=Table("sx", SxState),
    )
    return Service(
        name="lifecycle",
        stages=(stage,),
        references=(CATALOGUE,),
        preamble=policy_texts(policies),
        deadline_grace_ms=deadline_grace_ms(policies),
        policy_version=lambda sx_id: policy_version(policies, bu_of(sx_id)),
    )


def _key(event: Any) -> str:
    return sx_of(event)
