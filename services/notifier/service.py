"""The notifier as a deployable: `sx.events` in; `notifications`, mails, SMS and pushes out."""

from policies.load import Policies
from policies.model import Policy
from schemas.types.sx import PolicyText
from services.notifier.rules.decide import PROVIDERS
from services.notifier.rules.stage import MessageRules
from services.notifier.rules.state import Messages
from services.notifier.wording import load_texts
from streams.row import Table
from streams.rules import Send
from streams.service import Input, Service, Stage


def build(policies: Policies) -> Service:
    """The service, with its texts read and compiled."""

    def policy_version(sx_id: str) -> str | None:
        policy = policies.get(sx_id.partition("-")[0])
        return None if policy is None else policy.version

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
        preamble=tuple(
            Send(
                "sx.policies", policy.version, PolicyText(version=policy.version, text=policy.text)
            )
            for policy in policies.values()
        ),
        policy_version=policy_version,
    )


def _text(policy: Policy) -> Send:
    """A policy's text, kept under the version that decisions record (ED-12)."""
    version = policy.version
    return Send("sx.policies", version, PolicyText(version=version, text=policy.text))
