"""How ticketing reaches Zendesk, from the environment (`SX_…`)."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class TicketingSettings(BaseSettings):
    """Read once, at start; raises pydantic's ValidationError that names each wrong setting.

    target_timeout_s: seconds that one attempt may wait for an answer.
    """

    model_config = SettingsConfigDict(env_prefix="SX_", frozen=True)

    zendesk_url: str = Field(pattern=r"^https?://[^\s]+$")
    zendesk_email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    zendesk_token: SecretStr
    target_timeout_s: float = Field(default=10.0, gt=0, le=60)
