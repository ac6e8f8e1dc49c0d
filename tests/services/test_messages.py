"""The notifier in the kernel: messages that can't be delivered, and their retries."""

from policies.load import load_policies
from schemas.types.notifications import MessageFailed, MessageSent
from services.notifier.service import build
from stack.simulated_targets import AcceptingCarrier
from streams.instant import rfc3339
from streams.rules import Attempt, Done, Effect, Failed, Retry
from tests.rules.notifier.history import MONDAY_10H, SX_ID, History
from tests.services.alone import Alone

DAY = 24 * 3_600_000


class Target:
    """Answers with `answers` in their order, the last one for ever."""

    def __init__(self, *answers: Attempt) -> None:
        self.answers = list(answers)
        self.keys: list[str] = []

    def carry(self, effect: Effect) -> Attempt:
        self.keys.append(effect.key)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def notifier(mail: Target) -> Alone:
    return Alone(build(load_policies()), {"mail": mail, "push": AcceptingCarrier()})


def test_NO_1_a_mail_is_retried_with_the_same_key_and_dated_as_its_cause() -> None:
    mail = Target(Retry("421 busy"), Retry("421 busy"), Done())
    alone = notifier(mail).history(History().created()).until(MONDAY_10H + DAY)
    (told,) = alone.read("notifications")
    assert isinstance(told, MessageSent)
    assert mail.keys == [f"{SX_ID}:order_confirmed:1:CUSTOMER"] * 3
    assert told.at == MONDAY_10H + 1000
    assert alone.times("notifications") == [rfc3339(MONDAY_10H + 1000)]


def test_NO_1_given_up_after_three_days() -> None:
    mail = Target(Retry("421 busy"))
    alone = notifier(mail).history(History().created()).until(MONDAY_10H + 3 * DAY - 3_600_000)
    assert alone.read("notifications") == []
    (told,) = alone.until(MONDAY_10H + 4 * DAY).read("notifications")
    assert isinstance(told, MessageFailed)
    assert (told.cause, told.at) == ("GAVE_UP", MONDAY_10H + 1000)


def test_NO_1_what_is_refused_for_good_does_not_block_what_is_behind_it() -> None:
    mail = Target(Failed("MAIL_REFUSED", "550 unknown"), Done())
    of = History()
    alone = notifier(mail).history(of.created(), of.status("SCHEDULED", "CANCELED"))
    assert [(type(told), told.template) for told in alone.read("notifications")] == [
        (MessageFailed, "order_confirmed"),
        (MessageSent, "canceled"),
    ]


def test_ED_1_the_same_event_delivered_twice_makes_one_message() -> None:
    mail, event = Target(Done()), History().created()
    alone = notifier(mail)
    for _ in range(2):
        alone.publish("sx.events", SX_ID, event.at, event, message_id="same")
    assert len(mail.keys) == 1
    assert [each.outcome for each in alone.outcomes("sx.events")] == ["APPLIED", "DUPLICATE"]


def test_ED_16_a_bu_that_nobody_configured_is_a_dead_letter() -> None:
    event = History("LMXX-1-I-1").created()
    alone = notifier(Target(Done())).history(event)
    (outcome,) = alone.outcomes("sx.events")
    assert (outcome.outcome, outcome.rule) == ("DEAD_LETTERED", "ED-16")


def test_ED_12_the_policies_texts_are_listed_first() -> None:
    texts = {send.key: send.event for send in build(load_policies()).preamble}
    assert set(texts) == {policy.version for policy in load_policies().values()}
