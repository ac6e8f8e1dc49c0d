"""The regions that a store may name (ISO 3166-2 without the country), and whose holidays they keep.

The `holidays` library knows a country's subdivisions at one level: the communities of Spain, the
provinces of Italy. A store may name another level, a code as it was before, or a part that keeps
no holidays of its own: each stands here with the subdivision that counts for it, or none.
"""

from collections.abc import Iterable, Mapping
from typing import Final

Subdivisions = Mapping[str, str | None]


def _each(codes: Iterable[str], of: str | None = None) -> dict[str, str | None]:
    return dict.fromkeys(codes, of)


def _named(text: str, of: str | None = None) -> dict[str, str | None]:
    return _each(text.split(), of)


_SPAIN: Final[Subdivisions] = {
    **_named("AL CA CO GR H J MA SE", "AN"),
    **_named("HU TE Z", "AR"),
    **_named("O", "AS"),
    **_named("S", "CB"),
    **_named("AV BU LE P SA SG SO VA ZA", "CL"),
    **_named("AB CR CU GU TO", "CM"),
    **_named("GC TF", "CN"),
    **_named("B GI L T", "CT"),
    **_named("BA CC", "EX"),
    **_named("C LU OR PO", "GA"),
    **_named("PM", "IB"),
    **_named("MU", "MC"),
    **_named("M", "MD"),
    **_named("NA", "NC"),
    **_named("BI SS VI", "PV"),
    **_named("LO", "RI"),
    **_named("A CS V", "VC"),
}
"""Provinces, by autonomous community."""

_FRANCE: Final[Subdivisions] = {
    **_each(f"{number:02d}" for number in range(1, 96) if number != 20),
    **_named("2A 2B 20R 69M 75C CP"),
    **_named("ARA BFC BRE COR CVL GES HDF IDF NAQ NOR OCC PAC PDL"),
    **_named("67 68", "6AE"),
    **_named("57", "57"),
    **_named("GP", "971"),
    **_named("MQ", "972"),
    **_named("GF", "973"),
    **_named("RE", "974"),
    **_named("YT", "976"),
}
"""Departments and regions; of those in Europe only Alsace and Moselle keep days of their own."""

_ITALY: Final[Subdivisions] = _named(
    "21 23 25 32 34 36 42 45 52 55 57 62 65 67 72 75 77 78 82 88",
)
"""Regions; the library has their provinces."""

_POLAND: Final[Subdivisions] = {
    "DS": "02",
    "KP": "04",
    "LU": "06",
    "LB": "08",
    "LD": "10",
    "MA": "12",
    "MZ": "14",
    "OP": "16",
    "PK": "18",
    "PD": "20",
    "PM": "22",
    "SL": "24",
    "SK": "26",
    "WN": "28",
    "WP": "30",
    "ZP": "32",
}
"""Voivodeships by their codes until 2018."""

KNOWN: Final[Mapping[str, Subdivisions]] = {
    "ES": _SPAIN,
    "FR": _FRANCE,
    "IT": _ITALY,
    "PL": _POLAND,
    "PT": {},
}
"""By country; the library's own subdivisions need no line."""


def subdivision(country: str, region: str) -> str | None:
    """The subdivision whose holidays a region keeps, None where it keeps its country's alone.

    One that stands in no list here is taken for the library's own, or for nobody's.
    """
    return KNOWN.get(country, {}).get(region, region)
