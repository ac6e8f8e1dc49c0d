"""ED-12: the version names the effective text and the data; the text gives the policy again."""

import pytest

from policies.keys import PolicyError
from policies.load import load_policies, policy_from_text
from policies.units import BUSINESS_UNITS
from policies.version import data_of, effective_text, installed_data, version_of
from tests.rules.policies.stores import Store

POLICIES = load_policies()


@pytest.mark.parametrize("bu", BUSINESS_UNITS)
def test_ED_12_the_text_gives_the_same_policy_again(bu: str) -> None:
    policy = POLICIES[bu]
    again = policy_from_text(policy.text)
    assert again == policy
    assert (again.version, again.text) == (policy.version, policy.text)
    assert version_of(effective_text(again, data_of(again.text))) == policy.version


def test_ED_12_five_versions_of_sixteen_digits() -> None:
    versions = {policy.version for policy in POLICIES.values()}
    assert len(versions) == 5
    assert all(len(version) == 16 and int(version, 16) for version in versions)


def test_ED_12_the_same_values_written_otherwise_are_the_same_version() -> None:
    written = {"LMES": {"contract": {"auto_send_after": "1hour"}, "extra_cost.max": "1000.00"}}
    assert load_policies(written)["LMES"].version == POLICIES["LMES"].version


@pytest.mark.parametrize(
    "overrides",
    [
        {"contract.auto_send_after": "2 h"},
        {"park.for.adobe.wcf": "1 h"},
        {"stores": {"by_id": {"LMES:28": {"timezone": "Atlantic/Canary"}}}},
        {"stores": {"regions_by_zip": {"29": "CN"}}},
    ],
)
def test_ED_12_another_value_is_another_version_of_that_bu_alone(
    overrides: dict[str, object],
) -> None:
    changed = load_policies({"LMES": overrides})
    assert changed["LMES"].version != POLICIES["LMES"].version
    assert changed["LMPT"].version == POLICIES["LMPT"].version


def test_ED_12_other_holiday_or_zone_data_is_another_version() -> None:
    spain = POLICIES["LMES"]
    assert set(installed_data()) == set(data_of(spain.text)) == {"holidays", "tzdata"}
    for name in ("holidays", "tzdata"):
        text = effective_text(spain, {**installed_data(), name: "another"})
        assert version_of(text) != spain.version
        assert data_of(text)[name] == "another"
        assert policy_from_text(text).version == version_of(text)


def test_ED_12_a_stores_view_has_the_text_of_its_bu() -> None:
    view = POLICIES.for_store(Store(region="CN"))
    assert effective_text(view, installed_data()) == POLICIES["LMES"].text


def test_ED_12_a_text_that_was_tampered_with_is_refused() -> None:
    text = POLICIES["LMES"].text.replace('"bid.timeout":"24 h"', '"bid.timeout":"soon"')
    with pytest.raises(PolicyError, match=r"bid\.timeout: 'soon' is no duration"):
        policy_from_text(text)
