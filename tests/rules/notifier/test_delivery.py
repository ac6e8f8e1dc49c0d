"""NO-1, NO-3, NO-6: by which channel, in which language, and how a message ends."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types.common import Person
from schemas.types.notifications import MessageFailed, MessageSent
from services.notifier.rules.recipient import e164, language_of, place_of
from services.notifier.rules.templates import FOR_CUSTOMER, FOR_PRO
from services.notifier.rules.wording import Facts
from streams.rules import Effect, Failed
from tests.rules.notifier.history import CUSTOMER_ONE, SX_ID, History
from tests.rules.notifier.notified import POLICIES, TEXTS, Notifier, provider
from tests.rules.notifier.test_causes import A, changed, issued

HOUR = 3_600_000


def person(
    email: str | None = None, phone: str | None = None, language: str | None = None
) -> Person:
    return Person(client_id="C1", name="Customer One", email=email, phone=phone, language=language)


def confirmed(customer: Person | None, sx_id: str = SX_ID) -> Notifier:
    return Notifier().take(History(sx_id, person=customer).created())


def only(notifier: Notifier) -> Effect:
    (effect,) = notifier.owed
    return effect


def test_NO_3_by_e_mail_where_there_is_one() -> None:
    effect = only(confirmed(CUSTOMER_ONE))
    assert (effect.target, effect.payload["to"]) == ("mail", "customer.one@example.com")
    assert effect.payload["subject"] == "Hemos recibido tu pedido 701271"
    assert "Instalación split 2x1" in effect.payload["text"]
    assert "lunes, 9 de marzo de 2026, por la mañana" in effect.payload["text"]


@pytest.mark.parametrize("email", [None, "", "  "])
def test_NO_3_by_sms_where_there_is_no_e_mail(email: str | None) -> None:
    notifier = confirmed(person(email, "600 000 001"))
    effect = only(notifier)
    assert (effect.target, effect.payload["to"]) == ("sms", "+34600000001")
    assert "Hola" not in effect.payload["text"]
    (told,) = notifier.settle().told
    assert told.channel == "SMS"


@pytest.mark.parametrize("customer", [person(), person("", "none"), None])
def test_NO_3_neither_fails_at_once(customer: Person | None) -> None:
    notifier = confirmed(customer)
    (told,) = notifier.told
    assert isinstance(told, MessageFailed)
    assert (told.cause, told.recipient, notifier.owed) == ("NO_CONTACT", "CUSTOMER", [])


def test_NO_3_budget_uploaded_goes_by_sms_first() -> None:
    both = person("a@example.com", "600000001")
    assert place_of(both, "ES", sms_first=True) == ("SMS", "+34600000001")
    assert place_of(person("a@example.com"), "ES", sms_first=True) == ("EMAIL", "a@example.com")


@pytest.mark.parametrize(
    ("phone", "country", "number"),
    [
        ("+34600000001", "FR", "+34600000001"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0033 6 12 34 56 78", "ES", "+33612345678"),
        ("912 345 678", "PT", "+351912345678"),
        ("call me", "ES", None),
        ("12", "ES", None),
        (None, "ES", None),
    ],
)
def test_NO_3_a_phone_number_is_sent_as_e164(
    phone: str | None, country: str, number: str | None
) -> None:
    assert e164(phone, country) == number


def test_NO_3_a_pros_message_stands_in_sma_at_once_also_without_token() -> None:
    notifier = Notifier(provider(A)).take(changed(History(), A, "BOOKED"))
    (told,) = notifier.told
    assert isinstance(told, MessageSent)
    assert (told.channel, told.provider_id, notifier.owed) == ("PUSH", A, [])
    assert told.title == "Nuevo trabajo asignado"
    assert told.body is not None
    assert SX_ID in told.body


def test_NO_3_a_pro_nobody_knows_still_has_his_message() -> None:
    (told,) = Notifier().take(changed(History(), A, "BOOKED")).told
    assert isinstance(told, MessageSent)


def test_NO_3_a_token_is_pushed_to_and_its_failure_tells_nobody() -> None:
    notifier = Notifier(provider(A, "t0")).take(changed(History(), A, "BOOKED"))
    effect = only(notifier)
    assert (effect.target, effect.key) == ("push", f"{SX_ID}:job_booked:1:{A}")
    assert effect.payload["token"] == "t0"
    notifier.settle(Failed("UNREGISTERED"))
    assert [type(told) for told in notifier.told] == [MessageSent]


def test_NO_3_what_a_pro_reads_holds_no_personal_field() -> None:
    (told,) = Notifier(provider(A)).take(changed(History(), A, "BOOKED")).told
    assert told.person is None
    assert "Customer One" not in f"{told.title} {told.body}"


def test_NO_1_a_customers_message_counts_as_sent_once_it_is_delivered() -> None:
    notifier = confirmed(CUSTOMER_ONE)
    assert notifier.told == []
    (told,) = notifier.settle().told
    assert isinstance(told, MessageSent)
    assert told.message_id == f"{SX_ID}:order_confirmed:1:CUSTOMER"
    assert notifier.state is not None
    assert notifier.state.awaited == {}


def test_NO_1_given_up_is_told_with_its_cause_and_holds_up_nothing() -> None:
    notifier = confirmed(CUSTOMER_ONE)
    first = only(notifier)
    (told,) = notifier.settle(Failed("GAVE_UP", "421 busy")).told
    assert isinstance(told, MessageFailed)
    assert (told.cause, told.at, told.person) == ("GAVE_UP", first.at, CUSTOMER_ONE)
    of = History()
    of.created()
    notifier.take(issued(of, "EMAIL")).settle()
    assert [each.template for each in notifier.told] == ["order_confirmed", "contract_to_sign"]


def test_NO_1_it_is_tried_for_message_give_up_after() -> None:
    effect = only(confirmed(CUSTOMER_ONE))
    assert (effect.give_up_after, effect.first_attempt) == (3 * 24 * HOUR, effect.at + 5)


@pytest.mark.parametrize(
    ("own", "sx_id", "subject"),
    [
        (None, SX_ID, "Hemos recibido tu pedido 701271"),
        ("fr", SX_ID, "Votre commande 701271 est confirmée"),
        ("fr-FR", SX_ID, "Votre commande 701271 est confirmée"),
        ("PL", SX_ID, "Otrzymaliśmy zamówienie 701271"),
        ("de", SX_ID, "Hemos recibido tu pedido 701271"),
        (None, "LMPT-506001-I-1", "Recebemos a sua encomenda 701271"),
        (None, "LMIT-903001-I-1", "Abbiamo ricevuto il tuo ordine 701271"),
        ("en", "LMPL-1-I-1", "We have received your order 701271"),
    ],
)
def test_NO_1_in_the_customers_language_where_supported_else_the_bus(
    own: str | None, sx_id: str, subject: str
) -> None:
    notifier = confirmed(person("a@example.com", language=own), sx_id)
    assert only(notifier).payload["subject"] == subject


def test_NO_1_english_where_neither_is_supported() -> None:
    assert language_of("de", "nl", TEXTS.languages) == "en"


def test_NO_1_every_bu_has_its_language() -> None:
    assert {policy.locale for policy in POLICIES.values()} == {"es", "pt", "fr", "it", "pl"}
    assert {policy.locale for policy in POLICIES.values()} <= TEXTS.languages


FULL = Facts(
    order_no="701271",
    sx_id=SX_ID,
    name="Customer One",
    services=("Pose fenêtre",),
    planned_on=date(2026, 3, 9),
    half_day="PM",
    before_on=date(2026, 3, 6),
    before_half="AM",
    provider="Provider 411",
    reference=f"{SX_ID}/C1.1",
)
BARE = Facts(order_no="701271", sx_id=SX_ID)
DATED = {"date_changed", "job_date_changed"}
"""Messages of which a date is the whole news."""


@pytest.mark.parametrize("language", sorted(TEXTS.languages))
@pytest.mark.parametrize("template", [*FOR_CUSTOMER, *FOR_PRO])
def test_NO_every_message_reads_well_in_every_language(template: str, language: str) -> None:
    for facts in (FULL,) if template in DATED else (FULL, BARE):
        text = TEXTS.text(template, language, facts)
        for part in text:
            assert part.strip()
            assert not {"{", "}", "None"} & {*part.split(), *part}
            assert "  " not in part
            assert " ." not in part
        assert "\n" not in text.title
        assert len(text.title) <= 78
        assert len(text.short) <= 480
        assert "701271" in text.body
    english = TEXTS.text(template, "en", FULL)
    assert language == "en" or TEXTS.text(template, language, FULL) != english


def test_NO_the_texts_of_two_templates_never_agree() -> None:
    for language in TEXTS.languages:
        told = [TEXTS.text(template, language, FULL) for template in (*FOR_CUSTOMER, *FOR_PRO)]
        assert len({text.body for text in told}) == len(told)


@given(name=st.text(), order_no=st.text(max_size=20))
def test_NO_1_rendering_gives_the_same_text_again_and_takes_any_name(
    name: str, order_no: str
) -> None:
    facts = Facts(order_no=order_no, sx_id=SX_ID, name=name)
    first = TEXTS.text("order_confirmed", "fr", facts)
    assert first == TEXTS.text("order_confirmed", "fr", facts)
