"""A bad value stops the start, with file, key and reason; overrides by BU."""

from pathlib import Path

import pytest

from policies.keys import PolicyError
from policies.load import load_policies
from policies.span import Span


def problems_of(path: Path) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_policies(path)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [str(problem).removeprefix(f"{path}: ") for problem in caught.value.problems]


def written(folder: Path, text: str) -> Path:
    path = folder / "mounted.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("timezone", "Europe/Atlantis", "'Europe/Atlantis' is no time zone"),
        ("locale", "spanish", "'spanish': string should match"),
        ("currency", "euro", "'euro': string should match"),
        ("holidays", "XX", "no public holidays are known for the country 'XX'"),
        ("px.customer_key", "email", "input should be 'fiscal_number' or 'client_id'"),
        ("px.window", "long", "'long' is no duration"),
        ("order.group_by", "store", "input should be"),
        ("order.pyxis_buffer", "30 h", "30 h is counted as working days"),
        ("order.buffer_skip_holidays", "maybe", "'maybe' is neither on nor off"),
        ("order.own_buffer_days", "-1", "greater than or equal to 0"),
        ("order.update_until.product", "Closed", "input should be"),
        ("order.cancel_until", "Done", "input should be"),
        ("schedule.bookable_days", "weekdays", "says no bookable days"),
        ("calendar.half_day_hours", "0", "greater than or equal to 1"),
        ("cancel.reasons", "[A, A]", "each once"),
        ("contract.send_window", "23:00-07:00", "is no window"),
        ("contract.reminders_by", "post", "input should be 'adobe' or 'us'"),
        ("contract.reminder_every", "0 h", "must be longer than nothing"),
        ("contract.skip", "everybody", "input should be 'off', 'admin' or 'all'"),
        ("assign.method", "auction", "input should be 'direct' or 'bid'"),
        ("assign.max_attempts", "6", "less than or equal to 5"),
        ("assign.max_attempts", "1", "greater than or equal to 2"),
        ("travel.buffer", "1 day", "hours or minutes, not days"),
        ("tv.report_alerts", "[7 days, 48 h]", "each longer than the one before"),
        ("tv.report_alerts", "[]", "needs one duration or more"),
        ("park.for", "24 h", "needs a duration for each topic"),
        ("extra_cost.max", "0", "greater than 0"),
        ("extra_cost.until", "Closed", "input should be"),
        ("seller.duration_change", "3/2", "is not between 0 and 1"),
        ("seller.duration_change", "1/0", "is no fraction"),
    ],
)
def test_a_bad_value_is_told_with_file_key_and_reason(
    tmp_path: Path, key: str, value: str, reason: str
) -> None:
    path = written(tmp_path, f"LMES:\n  {key}: {value}\n")
    (problem,) = problems_of(path)
    assert problem.startswith(f"LMES.{key}")
    assert reason in problem


@pytest.mark.parametrize("key", ["task.priority", "task.priority_today"])
def test_TK_2_priorities_are_zendesks_four(tmp_path: Path, key: str) -> None:
    for word in ("low", "normal", "high", "urgent"):
        load_policies({"LMES": {key: word}})
    (problem,) = problems_of(written(tmp_path, f"LMES: {{{key}: asap}}"))
    assert problem == f"LMES.{key}: 'asap': input should be 'low', 'normal', 'high' or 'urgent'"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("LMXX: {}", "LMXX: is no business unit (known: LMES, LMPT, LMFR, LMIT, LMPL)"),
        ("- LMES", "is no mapping of business units to keys"),
        ("LMES: [1]", "LMES: is no mapping of keys to values"),
        ("LMES: {contract: 3}", "LMES.contract: is a group of keys, not a value"),
        (
            "LMES: {contract.auto_send_aftr: 1 h}",
            "LMES.contract.auto_send_aftr: is no key of a policy "
            "(did you mean contract.auto_send_after?)",
        ),
        (
            "LMES: {bid.timeout: 1 h, bid: {timeout: 2 h}}",
            "LMES.bid.timeout: stands there twice, dotted and nested",
        ),
        (
            "LMES: {stores: {by_id: {'LMES:28': {bid.timeout: 1 h}}}}",
            "LMES.stores.by_id.LMES:28.bid.timeout: may not differ by store "
            "(only timezone, holidays, contract.auto_send_after may)",
        ),
        (
            "LMES: {stores: {by_name: {}}}",
            "LMES.stores.by_name: is not one of by_id, by_cluster, by_region, regions_by_zip",
        ),
        (
            "LMES: {stores: {by_region: {CN: {timezone: Mars/Base}}}}",
            "LMES.stores.by_region.CN.timezone: 'Mars/Base' is no time zone "
            "(such as Europe/Madrid)",
        ),
        ("LMES: {bu: LMPT}", "LMES.bu: is no key of a policy"),
        ("LMES: {a: 1", "line 1: is no YAML: expected ',' or '}', but got '<stream end>'"),
        ("LMES: {}\nLMES: {}", "line 2: is no YAML: the key 'LMES' stands there twice"),
    ],
)
def test_a_file_that_can_not_be_used(tmp_path: Path, text: str, problem: str) -> None:
    assert problems_of(written(tmp_path, text)) == [problem]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "none.yaml")
    assert problem.startswith("can't be read: ")


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = "LMES: {bid.timeout: soon, contract.skip: maybe}\nLMIT: {bid.timeuot: 1 h}\nX: {}\n"
    keys = [problem.split(": ")[0] for problem in problems_of(written(tmp_path, text))]
    assert sorted(keys) == ["LMES.bid.timeout", "LMES.contract.skip", "LMIT.bid.timeuot", "X"]


def test_overrides_are_the_keys_that_differ(tmp_path: Path) -> None:
    text = """
LMES:
  contract.auto_send_after: 2 s
  contract:
    skip: off
  park.for.sma.jobs: 1 min
  order.update_until.service: Confirmed
LMPT:
  park: {for: {default: 1 h}}
"""
    policies, shipped = load_policies(written(tmp_path, text)), load_policies()
    spain = policies["LMES"]
    assert spain.contract.auto_send_after == Span(2, "s")
    assert spain.contract.skip == "off"
    assert spain.park.for_.of("sma.jobs") == Span(1, "min")
    assert spain.park.for_.of("adobe.wcf") == Span(24, "h")
    assert spain.order.update_until.service == "CONFIRMED"
    assert spain.order.update_until.product == "IN_PROGRESS"
    assert spain.stores == shipped["LMES"].stores
    assert policies["LMPT"].park.for_.of("sma.jobs") == Span(15, "min")
    assert policies["LMPT"].park.for_.of("adobe.wcf") == Span(1, "h")
    assert policies["LMFR"] == shipped["LMFR"]


def test_overrides_by_a_mapping_take_the_words_of_python_too() -> None:
    overrides = {"LMES": {"contract.skip": False, "tv": {"budget_sms": False}, "extra_cost.max": 5}}
    spain = load_policies(overrides)["LMES"]
    assert spain.contract.skip == "off"
    assert spain.tv.budget_sms is False
    assert spain.extra_cost.max == 5


def test_overrides_by_a_folder_of_files_named_after_business_units(tmp_path: Path) -> None:
    (tmp_path / "LMES.yaml").write_text("bid.timeout: 1 h\n", "utf-8")
    assert load_policies(tmp_path)["LMES"].bid.timeout == Span(1, "h")
    (tmp_path / "LMES.yaml").write_text("bid.timeout: soon\n", "utf-8")
    with pytest.raises(PolicyError, match=r"LMES\.yaml: bid\.timeout: 'soon' is no duration"):
        load_policies(tmp_path)


def test_an_empty_folder_is_a_mistake_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == ["holds no policy file (such as LMES.yaml)"]
    assert load_policies(written(tmp_path, "# nothing\n"))["LMES"] == load_policies()["LMES"]


@pytest.mark.parametrize("word", ["Pre-scheduled", "pre-scheduled", "PRE_SCHEDULED"])
def test_OR_8_a_status_may_be_written_as_the_domain_does(tmp_path: Path, word: str) -> None:
    policies = load_policies(written(tmp_path, f"LMES: {{order.cancel_until: {word}}}\n"))
    assert policies["LMES"].order.cancel_until == "PRE_SCHEDULED"
