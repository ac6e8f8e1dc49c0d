"""Settings name what is wrong with them, and hide their secrets."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from services.notifier.adapters.rate_limit import RateLimited
from services.notifier.carriers import carriers as messages
from services.notifier.settings import NotifierSettings
from services.ticketing.carriers import carriers as tickets
from services.ticketing.settings import TicketingSettings
from stack.environment import service_environment

ENVIRONMENT = service_environment(
    "127.0.0.1:9092", "redis://127.0.0.1:1", "127.0.0.1", 2525, "http://127.0.0.1:8025"
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return ENVIRONMENT


def test_the_local_stacks_settings_do(environment: Mapping[str, str]) -> None:
    assert set(messages(NotifierSettings())) == {"mail", "sms", "push"}
    assert set(tickets(TicketingSettings())) == {"ticket"}


def test_a_rate_is_shared_only_where_one_is_set(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SX_SMS_PER_SECOND", "5")
    found = messages(NotifierSettings())
    assert isinstance(found["sms"], RateLimited)
    assert not isinstance(found["mail"], RateLimited)


def test_secrets_are_not_shown(environment: Mapping[str, str]) -> None:
    shown = repr(NotifierSettings()) + repr(TicketingSettings())
    for name in ("SX_SMS_AUTH_TOKEN", "SX_PUSH_TOKEN", "SX_ZENDESK_TOKEN"):
        assert environment[name] not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [("SX_SMTP_PORT", "99999"), ("SX_SMS_URL", "ftp://x"), ("SX_PUSH_TOKEN_FIELD", "tok")],
)
def test_a_wrong_setting_is_named(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("SX_").lower()):
        NotifierSettings()


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ValidationError, match="zendesk_token"):
        TicketingSettings(zendesk_url="http://x", zendesk_email="a@b.c")
