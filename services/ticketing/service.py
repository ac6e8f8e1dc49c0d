"""Ticketing as a deployable: events of Sx, undelivered messages and tickets in; tasks out."""

from policies.load import Policies
from policies.model import Policy
from schemas.types.sx import PolicyText
from services.ticketing.rules.decide import CATALOGUE, PROVIDERS
from services.ticketing.rules.stage import TICKETS, TaskRules, sx_of, to_its_sx
from services.ticketing.rules.state import Tasks
from streams.row import Table
from streams.rules import Send
from streams.service import Input, Relay, Service, Stage


def build(policies: Policies) -> Service:
    """The service: tickets are sent on to their Sx, where its tasks are decided."""

    def policy_version(sx_id: str) -> str | None:
        policy = policies.get(sx_id.partition("-")[0])
        return None if policy is None else policy.version

    return Service(
        name="ticketing",
        stages=(
            Stage(
                name="intake",
                inputs=(Input("zendesk.tickets", key=lambda event: str(event.task_id)),),
                logic=Relay(to_its_sx),
            ),
            Stage(
                name="main",
                inputs=(
                    Input("sx.events", key=lambda event: str(event.sx_id)),
                    Input("notifications", key=lambda event: str(event.sx_id)),
                    Input(TICKETS, key=sx_of),
                ),
                logic=TaskRules(policies),
                table=Table("tasks", Tasks),
            ),
        ),
        references=(CATALOGUE, PROVIDERS),
        preamble=tuple(_text(policy) for policy in policies.values()),
        policy_version=policy_version,
    )


def _text(policy: Policy) -> Send:
    """A policy's text, kept under the version that decisions record (ED-12)."""
    version = policy.version
    return Send("sx.policies", version, PolicyText(version=version, text=policy.text))
