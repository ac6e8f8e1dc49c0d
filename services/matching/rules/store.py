"""By which policy an Sx is matched: its BU's, as it holds in its store (ED-11, MA-18)."""

from __future__ import annotations

from collections.abc import Mapping

from policies.model import Policy
from policies.stores import StoreError
from schemas.types.common import Job


def policy_of(policies: Mapping[str, Policy], job: Job) -> Policy:
    """The policy in the job's store; the BU's own where that record fits no policy.

    An Sx has been made for it, so it still wants its Pro: no reason for a dead letter.
    """
    policy = policies[job.bu]
    try:
        return policy.for_store(job.store)
    except StoreError:
        return policy
