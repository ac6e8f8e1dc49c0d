"""The `SX_…` settings with which services use the local stack and its stand-ins."""

from schemas.registry import BUNDLED
from stack.standins.credentials import LOCAL

CUSTOMER_KEY_SECRET = "local-customer-key-secret"
"""Keys the hash that stands for a customer (PX-1) where nobody's data are at stake."""


def service_environment(
    bootstrap_servers: str,
    redis_url: str,
    smtp_host: str,
    smtp_port: int,
    vendors_url: str,
    registry_url: str = BUNDLED,
) -> dict[str, str]:
    """Each setting that a service reads, by name."""
    return {
        "SX_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "SX_REGISTRY_URL": registry_url,
        "SX_REDIS_URL": redis_url,
        "SX_CUSTOMER_KEY_SECRET": CUSTOMER_KEY_SECRET,
        "SX_SMTP_HOST": smtp_host,
        "SX_SMTP_PORT": str(smtp_port),
        "SX_SMS_URL": vendors_url,
        "SX_SMS_ACCOUNT_SID": LOCAL.sms_account_sid,
        "SX_SMS_AUTH_TOKEN": LOCAL.sms_auth_token,
        "SX_SMS_FROM": LOCAL.sms_from,
        "SX_ZENDESK_URL": vendors_url,
        "SX_ZENDESK_EMAIL": LOCAL.zendesk_email,
        "SX_ZENDESK_TOKEN": LOCAL.zendesk_token,
        "SX_PUSH_URL": vendors_url,
        "SX_PUSH_PROJECT": LOCAL.push_project,
        "SX_PUSH_TOKEN": LOCAL.push_token,
    }
