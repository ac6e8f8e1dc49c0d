"""The policies of all business units as data: what rules are given, wherever it was read."""

from collections.abc import Iterator, Mapping

from policies.model import Policy
from policies.stores import StoreRecord

BUSINESS_UNITS = ("LMES", "LMPT", "LMFR", "LMIT", "LMPL")


class UnknownBusinessUnit(KeyError):
    """A BU that nobody configured (ED-16)."""

    def __init__(self, bu: str) -> None:
        super().__init__(bu)
        self.bu = bu

    def __str__(self) -> str:
        return f"no policy for business unit {self.bu!r} (known: {', '.join(BUSINESS_UNITS)})"


class Policies(Mapping[str, Policy]):
    """The policy of each BU, by its code."""

    def __init__(self, by_bu: Mapping[str, Policy]) -> None:
        self._by_bu = dict(by_bu)

    def __getitem__(self, bu: str) -> Policy:
        """As `for_bu`."""
        return self.for_bu(bu)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_bu)

    def __len__(self) -> int:
        return len(self._by_bu)

    def for_bu(self, bu: str) -> Policy:
        """The BU's policy; raises UnknownBusinessUnit (a KeyError) for one not configured."""
        policy = self._by_bu.get(bu)
        if policy is None:
            raise UnknownBusinessUnit(bu)
        return policy

    def for_store(self, store: StoreRecord) -> Policy:
        """The policy as it holds in the store: UnknownBusinessUnit, StoreError."""
        return self.for_bu(store.bu).for_store(store)
