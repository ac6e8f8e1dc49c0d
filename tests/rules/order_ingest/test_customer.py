"""The keys that group a customer's orders (PX-1, PX-2)."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.load import load_policies
from schemas.types.common import Address, Customer
from services.order_ingest.rules.customer import customer_key, normalized, place_key
from streams.rules import Poison

SPAIN = load_policies().for_bu("LMES")
POLAND = load_policies().for_bu("LMPL")
BY_ADDRESS = load_policies({"LMES": {"px.place_key": "address"}}).for_bu("LMES")
SECRET = b"0123456789abcdef"
BLANKS = st.sampled_from([None, "", " ", "  ", "-", " . "])


def customer(client_id: str = "C1", fiscal_number: str | None = "F1") -> Customer:
    return Customer(client_id=client_id, fiscal_number=fiscal_number, name="Customer One")


def worksite(**fields: Any) -> Address:
    base = Address(street="Calle Mayor 2", zip="28805", city="Alcalá", country="ES")
    return msgspec.structs.replace(base, **fields)


def test_PX_1_the_fiscal_number_names_the_customer() -> None:
    key = customer_key(SPAIN, customer(), SECRET)
    assert key == customer_key(SPAIN, customer(client_id="C2"), SECRET)
    assert key != customer_key(SPAIN, customer(fiscal_number="F2"), SECRET)
    bu, letter, digest = key.split(":")
    assert (bu, letter, len(bytes.fromhex(digest))) == ("LMES", "f", 16)


@pytest.mark.parametrize("typed", ["12345678-z", " 12345678Z ", "12.345.678-Z", "12345678 z"])
def test_PX_1_how_a_fiscal_number_is_typed_does_not_count(typed: str) -> None:
    plain = customer_key(SPAIN, customer(fiscal_number="12345678Z"), SECRET)
    assert customer_key(SPAIN, customer(fiscal_number=typed), SECRET) == plain


@given(first=BLANKS, second=BLANKS, clients=st.lists(st.text("ABC123", min_size=1), min_size=2))
def test_PX_1_nobody_is_grouped_for_a_blank_fiscal_number(
    first: str | None, second: str | None, clients: list[str]
) -> None:
    one = customer_key(SPAIN, customer(clients[0], first), SECRET)
    other = customer_key(SPAIN, customer(clients[1], second), SECRET)
    assert one.startswith("LMES:c:")
    assert (one == other) == (clients[0] == clients[1])


def test_PX_1_where_the_bu_says_so_the_client_id_counts() -> None:
    key = customer_key(POLAND, customer(), SECRET)
    assert key.startswith("LMPL:c:")
    assert key == customer_key(POLAND, customer(fiscal_number="F2"), SECRET)


def test_PX_1_a_customer_who_is_nobody_is_set_aside() -> None:
    with pytest.raises(Poison, match="neither") as error:
        customer_key(SPAIN, customer(" ", ""), SECRET)
    assert error.value.cause == "INVALID"


def test_PX_1_the_key_hides_what_it_is_made_from() -> None:
    key = customer_key(SPAIN, customer("C-4711", "12345678Z"), SECRET)
    assert "12345678" not in key
    assert key != customer_key(SPAIN, customer("C-4711", "12345678Z"), SECRET[::-1])


@pytest.mark.parametrize("code", ["28805", " 28805", "28 805", "28-805"])
def test_PX_2_the_zip_is_the_place(code: str) -> None:
    elsewhere = worksite(street="Gran Vía 1", zip=code)
    assert place_key(SPAIN, elsewhere) == place_key(SPAIN, worksite())
    assert place_key(SPAIN, worksite(zip="28806")) != place_key(SPAIN, worksite())


@pytest.mark.parametrize("street", ["CALLE MAYOR, 2", "calle  mayor 2", "Cálle Mayor 2."])
def test_PX_2_where_the_bu_says_so_street_and_zip_are_the_place(street: str) -> None:
    assert place_key(BY_ADDRESS, worksite(street=street)) == place_key(BY_ADDRESS, worksite())
    for other in (worksite(street="Calle Mayor 3"), worksite(zip="28806")):
        assert place_key(BY_ADDRESS, other) != place_key(BY_ADDRESS, worksite())


def test_PX_2_a_worksite_without_a_zip_is_set_aside() -> None:
    with pytest.raises(Poison, match="no ZIP"):
        place_key(SPAIN, worksite(zip=" "))


@given(st.text())
def test_PX_2_a_normalised_text_stays_as_it_is(text: str) -> None:
    assert normalized(normalized(text)) == normalized(text)
