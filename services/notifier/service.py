"""The notifier as a deployable: `sx.events` in; `notifications`, mails, SMS and pushes out."""

from policies.units import Policies
from services.notifier.rules.decide import PROVIDERS
from services.notifier.rules.stage import MessageRules
from services.notifier.rules.state import Messages
from services.notifier.wording import load_texts
from services.policy_record import deadline_grace_ms, policy_texts, policy_version
from streams.service import Input, Service, Stage
from streams.table import Table


def build(policies: Policies) -> Service:
    """The service, with its texts read and compiled."""
    return Service(
        name="notifier",
        stages=(
            Stage(
                name="main",
                inputs=(Input("sx.events", key=lambda event: str(event.sx_id)),),
                logic=MessageRules(policies, load_texts()),
                table=Table("messages", Messages),
            ),
        ),
        references=(PROVIDERS,),
        preamble=policy_texts(policies),
        deadline_grace_ms=deadline_grace_ms(policies),
        policy_version=lambda sx_id: policy_version(policies, sx_id.partition("-")[0]),
    )
