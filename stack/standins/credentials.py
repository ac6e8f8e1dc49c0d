"""The names and secrets that the stand-ins accept.

They guard nothing: they are there so that an adapter which forgets to authenticate fails here, as
it would at the vendor's.
"""

from base64 import b64encode
from dataclasses import dataclass


@dataclass(frozen=True)
class Credentials:
    """What an adapter is given to reach the stand-ins with (`LocalStack.environment`)."""

    sms_account_sid: str = "AC" + "0" * 31 + "1"
    sms_auth_token: str = "local-sms-token"
    sms_from: str = "+33700000000"
    zendesk_email: str = "service-execution@example.org"
    zendesk_token: str = "local-zendesk-token"
    push_project: str = "service-execution-local"
    push_token: str = "local-push-token"

    @property
    def sms_authorization(self) -> str:
        """Twilio's `Authorization` header: account and token."""
        return _basic(f"{self.sms_account_sid}:{self.sms_auth_token}")

    @property
    def zendesk_authorization(self) -> str:
        """Zendesk's `Authorization` header: `email/token:token`."""
        return _basic(f"{self.zendesk_email}/token:{self.zendesk_token}")

    @property
    def push_authorization(self) -> str:
        """FCM's `Authorization` header: an OAuth 2.0 bearer token."""
        return f"Bearer {self.push_token}"


def _basic(pair: str) -> str:
    return "Basic " + b64encode(pair.encode()).decode()


LOCAL = Credentials()
