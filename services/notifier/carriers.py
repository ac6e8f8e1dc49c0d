"""Who carries out the notifier's effects: mail, SMS and push."""

from collections.abc import Mapping

from services.notifier.adapters.mail import SmtpCarrier, SmtpServer
from services.notifier.adapters.push import FcmCarrier
from services.notifier.adapters.rate_limit import RateLimited, shared_rate
from services.notifier.adapters.sms import TwilioCarrier
from services.notifier.settings import NotifierSettings
from streams.rules import Carrier


def carriers(settings: NotifierSettings) -> Mapping[str, Carrier]:
    """The adapters by target; nothing is connected before the first message."""
    password = settings.smtp_password
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        starttls=settings.smtp_starttls,
        timeout_s=settings.target_timeout_s,
    )
    sms = TwilioCarrier(
        settings.sms_url,
        settings.sms_account_sid,
        settings.sms_auth_token.get_secret_value(),
        settings.sms_from,
        timeout_s=settings.target_timeout_s,
    )
    push = FcmCarrier(
        settings.push_url,
        settings.push_project,
        settings.push_token.get_secret_value(),
        token_field=settings.push_token_field,
        timeout_s=settings.target_timeout_s,
    )
    return {
        "mail": _limited("mail", SmtpCarrier(server, settings.mail_from), settings),
        "sms": _limited("sms", sms, settings),
        "push": _limited("push", push, settings),
    }


def _limited(target: str, carrier: Carrier, settings: NotifierSettings) -> Carrier:
    per_second = {
        "mail": settings.mail_per_second,
        "sms": settings.sms_per_second,
        "push": settings.push_per_second,
    }[target]
    if per_second is None or settings.redis_url is None:
        return carrier
    return RateLimited(
        carrier, shared_rate(settings.redis_url.get_secret_value(), target, per_second)
    )
