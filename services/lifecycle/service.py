"""Lifecycle as a service: one stage over one table, the Sx and all that it waits for."""

from typing import Any

from policies.load import Policies, UnknownBusinessUnit
from schemas.types.sx import PolicyText
from services.lifecycle.rules.dispatch import CATALOGUE, LifecycleRules, sx_of
from services.lifecycle.rules.ids import bu_of
from services.lifecycle.rules.state import SxState
from streams.row import Table
from streams.rules import Send
from streams.service import Input, Service, Stage

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
    preamble = tuple(
        Send("sx.policies", policy.version, PolicyText(version=policy.version, text=policy.text))
        for policy in policies.values()
    )

    def policy_version(sx_id: str) -> str | None:
        try:
            return policies.for_bu(bu_of(sx_id)).version
        except UnknownBusinessUnit:
            return None

    return Service(
        name="lifecycle",
        stages=(stage,),
        references=(CATALOGUE,),
        preamble=preamble,
        policy_version=policy_version,
    )


def _key(event: Any) -> str:
    return sx_of(event)
