"""How a service records by which policy it decides: each text told once, its version each time.

Without the text a version is a name that nobody can look up: a decision could not be explained once
the policy has changed (ED-12).
"""

from __future__ import annotations

from policies.units import Policies
from schemas.types.sx import PolicyText
from streams.rules import Send

TOPIC = "sx.policies"


def policy_texts(policies: Policies) -> tuple[Send, ...]:
    """A service's preamble: the text of each policy, under the version that decisions record."""
    return tuple(
        Send(TOPIC, policy.version, PolicyText(version=policy.version, text=policy.text))
        for policy in policies.values()
    )


def deadline_grace_ms(policies: Policies) -> int:
    """The longest grace of all BUs (ms): one worker's deadlines wait alike (ED-13)."""
    return max(policy.deadline.grace.ms for policy in policies.values())


def policy_version(policies: Policies, bu: str) -> str | None:
    """The version of a BU's policy, None for a BU that nobody configured (ED-16)."""
    policy = policies.get(bu)
    return None if policy is None else policy.version
