"""Keys marked (s): by id, cluster or region, and what the record itself says (ED-11, CO-2)."""

import pytest

from policies.holiday import Holidays
from policies.load import load_policies
from policies.regions import KNOWN
from policies.stores import StoreError
from tests.rules.policies.stores import Store

POLICIES = load_policies()


@pytest.mark.parametrize(
    ("bu", "zip_code", "region", "timezone"),
    [
        ("LMES", "28805", None, "Europe/Madrid"),
        ("LMES", "35010", None, "Atlantic/Canary"),
        ("LMES", "38001", None, "Atlantic/Canary"),
        ("LMES", "28805", "CN", "Atlantic/Canary"),
        ("LMES", "28805", "GC", "Atlantic/Canary"),
        ("LMES", "35010", "MD", "Europe/Madrid"),
        ("LMPT", "1000-001", None, "Europe/Lisbon"),
        ("LMPT", "9500-001", "20", "Atlantic/Azores"),
        ("LMPT", "9500-001", None, "Atlantic/Azores"),
        ("LMPT", "9000-001", "30", "Atlantic/Madeira"),
        ("LMPT", "9000-001", None, "Atlantic/Madeira"),
        ("LMFR", "35000", None, "Europe/Paris"),
        ("LMIT", "12100", "CN", "Europe/Rome"),
        ("LMPL", "00-001", None, "Europe/Warsaw"),
    ],
)
def test_ED_11_zone_by_region_else_by_zip(
    bu: str, zip_code: str, region: str | None, timezone: str
) -> None:
    store = Store(store_id=f"{bu}:1", bu=bu, zip=zip_code, region=region)
    assert POLICIES.for_store(store).timezone == timezone


def test_ED_11_the_records_own_zone_comes_first() -> None:
    store = Store(zip="35010", region="CN", timezone="Europe/Madrid")
    assert POLICIES.for_store(store).timezone == "Europe/Madrid"


def test_ED_11_a_px_uses_its_bus_zone() -> None:
    island = POLICIES.for_store(Store(region="CN"))
    assert island.of_bu.timezone == "Europe/Madrid"
    assert island.for_store(Store()).timezone == "Europe/Madrid"


@pytest.mark.parametrize("cluster", ["Oeiras", "OEIRAS"])
def test_CO_2_the_oeiras_cluster_sends_after_two_minutes(cluster: str) -> None:
    store = Store(store_id="LMPT:7", bu="LMPT", zip="2780-001", cluster=cluster)
    assert str(POLICIES.for_store(store).contract.auto_send_after) == "2 min"
    other = Store(store_id="LMPT:8", bu="LMPT", zip="2780-001", cluster="Sintra")
    assert str(POLICIES.for_store(other).contract.auto_send_after) == "1 h"


def test_the_narrowest_counts_id_over_cluster_over_region() -> None:
    policies = load_policies(
        {
            "LMES": {
                "stores": {
                    "by_region": {"CN": {"contract": {"auto_send_after": "3 min"}}},
                    "by_cluster": {"South": {"contract.auto_send_after": "4 min"}},
                    "by_id": {"LMES:28": {"contract.auto_send_after": "0 s", "holidays": "ES-PV"}},
                }
            }
        }
    )
    here = policies.for_store(Store(region="CN", cluster="South"))
    assert str(here.contract.auto_send_after) == "0 s"
    assert str(here.holidays) == "ES-PV"
    assert here.timezone == "Atlantic/Canary"
    near = policies.for_store(Store(store_id="LMES:1", region="CN", cluster="South"))
    assert str(near.contract.auto_send_after) == "4 min"
    assert str(near.holidays) == "ES-CN"
    far = policies.for_store(Store(store_id="LMES:2", region="CN"))
    assert str(far.contract.auto_send_after) == "3 min"


def test_ED_16_a_record_that_fits_no_policy() -> None:
    with pytest.raises(StoreError, match="store LMES:28: timezone: 'Mars/Base' is no time zone"):
        POLICIES.for_store(Store(timezone="Mars/Base"))
    with pytest.raises(StoreError, match="store LMES:28 is of 'LMES', not of LMPT"):
        POLICIES["LMPT"].for_store(Store())


@pytest.mark.parametrize(
    ("bu", "region", "holidays"),
    [
        ("LMFR", "67", "FR-6AE"),
        ("LMFR", "68", "FR-6AE"),
        ("LMFR", "6AE", "FR-6AE"),
        ("LMFR", "6ae", "FR-6AE"),
        ("LMFR", "57", "FR-57"),
        ("LMFR", "974", "FR-974"),
        ("LMFR", "RE", "FR-974"),
        ("LMFR", "GF", "FR-973"),
        ("LMFR", "75", "FR"),
        ("LMFR", "2A", "FR"),
        ("LMFR", "IDF", "FR"),
        ("LMES", "M", "ES-MD"),
        ("LMES", "CN", "ES-CN"),
        ("LMIT", "25", "IT"),
        ("LMIT", "BZ", "IT-BZ"),
        ("LMPL", "MZ", "PL-14"),
        ("LMPT", "20", "PT-20"),
    ],
)
def test_ED_16_a_store_keeps_the_holidays_of_the_region_that_it_names(
    bu: str, region: str, holidays: str
) -> None:
    """`holidays` (s): country, and region where the store has one."""
    store = Store(store_id=f"{bu}:1", bu=bu, zip="", region=region)
    assert str(POLICIES.for_store(store).holidays) == holidays


@pytest.mark.parametrize(
    ("bu", "region"), [("LMFR", "20"), ("LMFR", "99"), ("LMES", "ZZ"), ("LMPT", "Lisboa")]
)
def test_a_region_that_nobody_knows_counts_as_none(bu: str, region: str) -> None:
    store = Store(store_id=f"{bu}:1", bu=bu, zip="", region=region)
    assert POLICIES[bu].for_store(store).holidays == POLICIES[bu].holidays


def test_a_region_with_a_line_of_its_own_is_known() -> None:
    mine = load_policies({"LMES": {"stores": {"by_region": {"SUR": {"timezone": "Europe/Paris"}}}}})
    assert mine.for_store(Store(region="SUR")).timezone == "Europe/Paris"


@pytest.mark.parametrize("country", sorted(KNOWN))
def test_every_region_with_holidays_of_another_is_one_that_has_some(country: str) -> None:
    for kept in KNOWN[country].values():
        assert kept is None or str(Holidays.parse(f"{country}-{kept}")) == f"{country}-{kept}"


def test_a_view_is_made_once_and_a_changed_record_has_its_own() -> None:
    assert POLICIES.for_store(Store()) is POLICIES.for_store(Store())
    assert POLICIES.for_store(Store(region="CN")).timezone == "Atlantic/Canary"


def test_ED_12_a_stores_view_has_its_bus_version() -> None:
    view = POLICIES.for_store(Store(region="CN"))
    assert view.version == POLICIES["LMES"].version != ""
    assert view.text == POLICIES["LMES"].text
