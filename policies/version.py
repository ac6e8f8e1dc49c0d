"""The policy version: a short hash of the effective text and the data behind it (ED-12).

The text is canonical JSON: every key with its effective value, the stores' part, and the versions
of the holiday and zone data. A decision records the hash; the text is kept by it, and a replay
loads the policy from the text.
"""

import json
from hashlib import blake2b
from importlib.metadata import version

from policies.keys import POLICY_KEYS
from policies.model import Policy

_DIGEST_BYTES = 8


def installed_data() -> dict[str, str]:
    """The versions of the holiday and zone data that decisions made here rest on."""
    return {name: version(name) for name in ("holidays", "tzdata")}


def data_of(text: str) -> dict[str, str]:
    """The data versions a policy's text was made with; a replay may compare `installed_data`."""
    return {str(name): str(number) for name, number in json.loads(text)["data"].items()}


def effective_text(policy: Policy, data: dict[str, str]) -> str:
    """The canonical text of a BU's policy, the same for the same values however written."""
    tree = policy.of_bu.model_dump(mode="json", by_alias=True, exclude_none=False)
    keys = {key: _value_at(tree, key) for key in POLICY_KEYS}
    stores = policy.of_bu.stores.model_dump(mode="json", by_alias=True, exclude_none=True)
    document = {"bu": policy.bu, "data": data, "keys": keys, "stores": stores}
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def version_of(text: str) -> str:
    """The version a text has: 16 hexadecimal digits of BLAKE2b."""
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def seal(policy: Policy) -> Policy:
    """The policy with its text and version, as of the data installed here."""
    text = effective_text(policy, installed_data())
    return policy.sealed(version_of(text), text)


def _value_at(tree: object, key: str) -> object:
    for part in key.split("."):
        assert isinstance(tree, dict), "every key leads through groups"
        tree = tree[part]
    return tree
