"""Where the traffic comes from: the five countries, their stores, people and trades.

Every store is the heart of a zone of its own, with its Pros; `prefix` is the zone's, by ZIP.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Zone:
    """A store and the places around it; `cluster` as SMD names it (CO-2)."""

    number: int
    town: str
    zip: str
    cluster: str | None = None

    @property
    def prefix(self) -> str:
        """The ZIP prefix that the Pros of the zone name (MA-2)."""
        return self.zip[:2]


@dataclass(frozen=True)
class Country:
    """A business unit: `iso` is the country's code, `phone` what its mobile numbers begin with."""

    bu: str
    iso: str
    phone: str
    zones: tuple[Zone, ...]
    surnames: tuple[str, ...]
    streets: tuple[str, ...]


@dataclass(frozen=True)
class Trade:
    """A specialty: its 49 codes end in `digit`; `minutes` is how long an installation takes."""

    digit: int
    profession: str
    specialty: str
    minutes: int
    price: str

    @property
    def code(self) -> str:
        """The 49 code of its installation."""
        return f"4901000{self.digit}"

    @property
    def visit(self) -> str:
        """The 49 code of its technical visit; in Portugal, of its budget (OR-12)."""
        return f"4902000{self.digit}"


AIR = Trade(1, "HVAC", "AIR_CONDITIONING", 180, "190.00")
HEATERS = Trade(2, "PLUMBING", "WATER_HEATER", 120, "140.00")
WINDOWS = Trade(3, "JOINERY", "WINDOWS", 240, "320.00")
KITCHENS = Trade(4, "JOINERY", "KITCHENS", 480, "900.00")
CHARGERS = Trade(5, "ELECTRICITY", "CHARGERS", 180, "410.00")
PERGOLAS = Trade(6, "GARDEN", "PERGOLAS", 300, "650.00")

COMMON = (AIR, HEATERS, WINDOWS, KITCHENS)
"""Two Pros with room for all in every zone: one of the store, then one who is not."""

CONTESTED = CHARGERS
"""One Pro in a zone, with one worker: many want the same half-day (MA-11)."""

SCARCE = PERGOLAS
"""One Pro in the country, of no zone: nobody qualifies, an operator picks him (MA-7, MA-9)."""

TRADES = (*COMMON, CONTESTED, SCARCE)
EXTRA = "49030001"

COUNTRIES = {
    country.bu: country
    for country in (
        Country(
            "LMES",
            "ES",
            "+346",
            (
                Zone(1, "Alcalá de Henares", "28805"),
                Zone(2, "Barcelona", "08020"),
                Zone(3, "Sevilla", "41013"),
                Zone(4, "Las Palmas", "35010"),
            ),
            ("Fernández", "Ruiz", "Ortega", "Navarro", "Iglesias", "Vidal"),
            ("Calle Mayor", "Calle Libreros", "Avenida del Puerto", "Plaza Nueva"),
        ),
        Country(
            "LMPT",
            "PT",
            "+3519",
            (
                Zone(1, "Oeiras", "2780-001", "Oeiras"),
                Zone(2, "Lisboa", "1700-093"),
                Zone(3, "Porto", "4100-130"),
                Zone(4, "Ponta Delgada", "9500-150"),
            ),
            ("Silva", "Santos", "Ferreira", "Pereira", "Costa", "Nunes"),
            ("Rua das Flores", "Avenida da Liberdade", "Rua Augusta", "Largo do Carmo"),
        ),
        Country(
            "LMFR",
            "FR",
            "+336",
            (
                Zone(1, "Le Touquet", "62520"),
                Zone(2, "Lille", "59000"),
                Zone(3, "Lyon", "69003"),
                Zone(4, "Nantes", "44000"),
            ),
            ("Lefèvre", "Martin", "Bernard", "Dubois", "Moreau", "Girard"),
            ("Rue de la Paix", "Avenue du Verger", "Rue de Londres", "Quai Ouest"),
        ),
        Country(
            "LMIT",
            "IT",
            "+393",
            (
                Zone(1, "Roma", "00144"),
                Zone(2, "Milano", "20151"),
                Zone(3, "Torino", "10135"),
                Zone(4, "Bologna", "40127"),
            ),
            ("Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Greco"),
            ("Via Garibaldi", "Corso Italia", "Via dei Mille", "Piazza Verdi"),
        ),
        Country(
            "LMPL",
            "PL",
            "+485",
            (
                Zone(1, "Warszawa", "02-234"),
                Zone(2, "Kraków", "31-323"),
                Zone(3, "Gdańsk", "80-299"),
                Zone(4, "Wrocław", "53-015"),
            ),
            ("Nowak", "Kowalski", "Wiśniewski", "Wójcik", "Kamiński", "Zieliński"),
            ("ulica Długa", "ulica Polna", "aleja Lipowa", "ulica Krótka"),
        ),
    )
}
"""The countries by business unit."""
