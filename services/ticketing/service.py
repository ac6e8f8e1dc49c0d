"""Ticketing as a deployable: events of Sx, undelivered messages and tickets in; tasks out."""

from policies.units import Policies
from services.policy_record import deadline_grace_ms, policy_texts, policy_version
from services.ticketing.rules.decide import CATALOGUE, PROVIDERS
from services.ticketing.rules.stage import TICKETS, TaskRules, sx_of, to_its_sx
from services.ticketing.rules.state import Tasks
from streams.service import Input, Relay, Service, Stage
from streams.table import Table


def build(policies: Policies) -> Service:
    """The service: tickets are sent on to their Sx, where its tasks are decided."""
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
        preamble=policy_texts(policies),
        deadline_grace_ms=deadline_grace_ms(policies),
        policy_version=lambda sx_id: policy_version(policies, sx_id.partition("-")[0]),
    )
