"""The texts of all messages, read once at start: one file per language in `wordings/`.

Each file holds the words a date needs and, per template, a title and a text (jinja2). A title is
the subject of a mail. Rendering reads no file, no clock and no locale of the machine.
"""

from collections.abc import Mapping, Set
from datetime import date
from functools import cached_property
from importlib import resources
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, StrictUndefined, Template

from services.notifier.rules.templates import FOR_CUSTOMER, FOR_PRO
from services.notifier.rules.wording import Facts, Text

LANGUAGES = {"es": "es_ES", "pt": "pt_PT", "fr": "fr_FR", "it": "it_IT", "pl": "pl_PL", "en": "en"}
"""The supported languages, and the CLDR locale that their dates are written in."""


class LanguageTexts:
    """All messages in one language."""

    def __init__(self, locale: str, document: Mapping[str, Any], environment: Environment) -> None:
        self._locale = Locale.parse(locale)
        self._half_days: Mapping[str, str] = document["half_days"]
        self._mail = environment.from_string(document["mail"])
        self._titles = _compiled(document["messages"], "title", environment)
        self._bodies = _compiled(document["messages"], "text", environment)

    def text(self, template: str, facts: Facts) -> Text:
        """One message: a customer's body is a mail with greeting and closing, a Pro's is bare."""
        told = {
            "order_no": facts.order_no,
            "sx_id": facts.sx_id,
            "name": facts.name,
            "services": ", ".join(facts.services),
            "when": self._when(facts.planned_on, facts.half_day),
            "before": self._when(facts.before_on, facts.before_half),
            "provider": facts.provider,
            "reference": facts.reference,
        }
        title = self._titles[template].render(told).strip()
        text = _lines(self._bodies[template].render(told))
        if template not in FOR_CUSTOMER:
            return Text(title, text, text)
        body = self._mail.render(told, text=text).strip() + "\n"
        return Text(title, body, text)

    def _when(self, day: date | None, half_day: str | None) -> str:
        if day is None:
            return ""
        written = format_date(day, "full", locale=self._locale)
        return written if half_day is None else f"{written}, {self._half_days[half_day]}"


class Texts:
    """The texts in all languages. A `services.notifier.rules.wording.Wording`."""

    def __init__(self, by_language: Mapping[str, LanguageTexts]) -> None:
        self._by_language = dict(by_language)

    @cached_property
    def languages(self) -> Set[str]:
        """The languages that all messages exist in."""
        return frozenset(self._by_language)

    def text(self, template: str, language: str, facts: Facts) -> Text:
        """One message; raises KeyError for a template or language that there is none of."""
        return self._by_language[language].text(template, facts)


def load_texts() -> Texts:
    """Reads and compiles all texts; raises KeyError for a message that a language lacks."""
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    folder = resources.files("services.notifier") / "wordings"
    texts = {}
    for language, locale in LANGUAGES.items():
        document = yaml.safe_load((folder / f"{language}.yaml").read_text("utf-8"))
        texts[language] = LanguageTexts(locale, document, environment)
    return Texts(texts)


def _lines(text: str) -> str:
    # What a text leaves out may leave a space at the end of its line.
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _compiled(
    messages: Mapping[str, Mapping[str, str]], part: str, environment: Environment
) -> Mapping[str, Template]:
    names = (*FOR_CUSTOMER, *FOR_PRO)
    return {name: environment.from_string(messages[name][part]) for name in names}
