"""How the notifier reaches mail, SMS and push, from the environment (`SX_…`)."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notifier.adapters.push import TokenField

Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
PerSecond = Annotated[int, Field(ge=1)]


class NotifierSettings(BaseSettings):
    """Read once, at start; raises pydantic's ValidationError that names each wrong setting.

    sms_from: a number of ours or a messaging service's sid (`MG…`). push_token: the access token
    for FCM. *_per_second: the most that all workers send together, counted in `redis_url`, which
    may hold a password.
    target_timeout_s: seconds that one attempt may wait for an answer.
    """

    model_config = SettingsConfigDict(env_prefix="SX_", frozen=True)

    smtp_host: str
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = False
    mail_from: str = Field(
        default="Leroy Merlin <service-execution@example.org>", pattern=r"@[^@\s>]+>?$"
    )
    sms_url: Url = "https://api.twilio.com"
    sms_account_sid: str
    sms_auth_token: SecretStr
    sms_from: str
    push_url: Url = "https://fcm.googleapis.com"
    push_project: str
    push_token: SecretStr
    push_token_field: TokenField = "token"
    redis_url: SecretStr | None = None
    mail_per_second: PerSecond | None = None
    sms_per_second: PerSecond | None = None
    push_per_second: PerSecond | None = None
    target_timeout_s: float = Field(default=10.0, gt=0, le=60)
