"""Who the customer is and where he has us work: the two keys that group his orders (PX-1, PX-2).

Neither a fiscal number nor a client id can be read from the customer's key.
"""

import hashlib
import unicodedata

from policies.model import Policy
from schemas.types.common import Address, Customer
from services.order_ingest.rules.names import INVALID
from streams.rules import Poison

SHORTEST_SECRET = 16
LONGEST_SECRET = hashlib.blake2b.MAX_KEY_SIZE
_DIGEST_BYTES = 16


def customer_key(policy: Policy, customer: Customer, secret: bytes) -> str:
    """`{bu}:{f or c}:` and 128 bits in hex: by fiscal number, or by client id (PX-1).

    The client id counts where the fiscal number is blank or the BU says so. `Poison` INVALID for
    a customer with neither: nobody is grouped for being blank.
    """
    fiscal = normalized(customer.fiscal_number or "").replace(" ", "")
    if fiscal and policy.px.customer_key == "fiscal_number":
        return f"{policy.bu}:f:{_hash(fiscal, secret)}"
    client = customer.client_id.strip()
    if not client:
        raise Poison(INVALID, "the customer has neither a fiscal number nor a client id")
    return f"{policy.bu}:c:{_hash(client, secret)}"


def place_key(policy: Policy, worksite: Address) -> str:
    """The place as `px.place_key` says: the ZIP, or street and ZIP (PX-2).

    `Poison` INVALID for a worksite without a ZIP.
    """
    code = normalized(worksite.zip).replace(" ", "")
    if not code:
        raise Poison(INVALID, "the worksite has no ZIP")
    if policy.px.place_key == "zip":
        return code
    return f"{code} {normalized(worksite.street)}"


def normalized(text: str) -> str:
    """Capitals and digits alone, one space between words: how a value is typed does not count."""
    plain = unicodedata.normalize("NFKD", text).upper()
    kept = "".join(" " if not c.isalnum() else c for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


def _hash(value: str, secret: bytes) -> str:
    return hashlib.blake2b(value.encode(), key=secret, digest_size=_DIGEST_BYTES).hexdigest()
