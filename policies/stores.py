"""What one store has otherwise than its BU: the keys marked (s), by id, cluster or region."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from policies.local_time import zone
from policies.regions import subdivision
from policies.values import Duration, HolidaysOf, ZoneName

# The keys that a store may override: those marked (s).
STORE_KEYS = ("timezone", "holidays", "contract.auto_send_after")


class StoreRecord(Protocol):
    """What `smd.stores` says of a store; `region` is ISO 3166-2 without the country."""

    @property
    def store_id(self) -> str: ...
    @property
    def bu(self) -> str: ...
    @property
    def zip(self) -> str: ...
    @property
    def timezone(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...
    @property
    def cluster(self) -> str | None: ...


class StoreError(ValueError):
    """A store record that no policy fits: another BU's, or with a time zone that is none."""


class StoreValues(BaseModel):
    """The values of the keys marked (s) that a store, cluster or region has of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    timezone: ZoneName | None = None
    holidays: HolidaysOf | None = None
    auto_send_after: Duration | None = Field(default=None, alias="contract.auto_send_after")

    def over(self, wider: "StoreValues") -> "StoreValues":
        """These values, and those of `wider` where these say nothing."""
        return StoreValues(
            timezone=self.timezone or wider.timezone,
            holidays=self.holidays or wider.holidays,
            auto_send_after=self.auto_send_after or wider.auto_send_after,
        )


class Stores(BaseModel):
    """The `stores` part of a BU's file: the narrowest counts, id over cluster over region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    regions_by_zip: dict[str, str] = {}
    by_id: dict[str, StoreValues] = {}
    by_cluster: dict[str, StoreValues] = {}
    by_region: dict[str, StoreValues] = {}

    def region_of(self, store: StoreRecord) -> str | None:
        """The record's own region, else the one of the longest ZIP prefix listed, else none."""
        if store.region:
            return store.region.upper()
        digits = store.zip.strip().upper()
        prefixes = [prefix for prefix in self.regions_by_zip if digits.startswith(prefix)]
        return self.regions_by_zip[max(prefixes, key=len)] if prefixes else None

    def values_of(self, store: StoreRecord, country: str) -> StoreValues:
        """What the store has of its own; a time zone in its record beats what is set here.

        country: whose regions it may name; where its own has no line here, the one whose holidays
        it keeps counts. Raises StoreError for a record whose time zone is none.
        """
        found = StoreValues()
        region = self.region_of(store) or ""
        if region not in self.by_region:
            region = subdivision(country, region) or ""
        clusters = {name.casefold(): values for name, values in self.by_cluster.items()}
        for values in (
            self.by_region.get(region),
            clusters.get((store.cluster or "").casefold()),
            self.by_id.get(store.store_id),
        ):
            found = found if values is None else values.over(found)
        if not store.timezone:
            return found
        try:
            zone(store.timezone)
        except ValueError as error:
            raise StoreError(f"store {store.store_id}: timezone: {error}") from error
        return StoreValues(timezone=store.timezone).over(found)
