"""Public holidays of a country and region, from the `holidays` library."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Self

import holidays as library

from policies.regions import subdivision

_TEXT = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Holidays:
    """A country (ISO 3166-1) and, where it matters, its region (ISO 3166-2 without country)."""

    country: str
    region: str | None = None

    @classmethod
    def parse(cls, text: object) -> Self:
        """Reads "ES" or "ES-CN"; ValueError where nobody keeps holidays of that place."""
        if isinstance(text, cls):
            return text
        match = _TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise ValueError(f"{text!r} is no country or region (such as ES, ES-CN)")
        country, region = match.groups()
        if not _known(country, None):
            raise ValueError(f"no public holidays are known for the country {country!r}")
        if region is not None and not _known(country, region):
            raise ValueError(f"no public holidays are known for the region {text!r}")
        return cls(country, region)

    def in_region(self, region: str | None) -> "Holidays":
        """Those of a store there: the region's too, where it keeps any (see `policies.regions`)."""
        kept = None if region is None else subdivision(self.country, region)
        if kept is None or self.region is not None or not _known(self.country, kept):
            return self
        return Holidays(self.country, kept)

    def __contains__(self, day: date) -> bool:
        """Whether the day is a public holiday there."""
        return day in _days(self.country, self.region, day.year)

    def __str__(self) -> str:
        """As policy files write it, and `parse` reads it."""
        return self.country if self.region is None else f"{self.country}-{self.region}"


@cache
def _known(country: str, region: str | None) -> bool:
    try:
        library.country_holidays(country, subdiv=region)
    except NotImplementedError:  # the library's word for a country or region it does not know
        return False
    return True


@cache
def _days(country: str, region: str | None, year: int) -> frozenset[date]:
    return frozenset(library.country_holidays(country, subdiv=region, years=year))
