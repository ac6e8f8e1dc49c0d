"""How each kind of value in a policy is read and written (policy files, effective text)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from policies.calendar import BookableDays
from policies.holiday import Holidays
from policies.local_time import zone
from policies.send_window import SendWindow
from policies.span import Span

Status = Literal[
    "PRE_SCHEDULED",
    "SCHEDULED",
    "DISTRIBUTED",
    "CONFIRMED",
    "IN_PROGRESS",
    "WAITING_FOR_WCF",
    "DONE",
    "CLOSED",
]
LIFE: tuple[Status, ...] = (
    "PRE_SCHEDULED",
    "SCHEDULED",
    "DISTRIBUTED",
    "CONFIRMED",
    "IN_PROGRESS",
    "WAITING_FOR_WCF",
    "DONE",
    "CLOSED",
)


def is_within(status: str, until: Status) -> bool:
    """Whether a status comes no later in the life of an Sx than `until` (OR-5, OR-7, XC-3).

    WAITING_FOR_TECHNICAL_VISIT comes before all (OR-12); the ends CANCELED and NON_COMPLIANT
    are within nothing.
    """
    if status == "WAITING_FOR_TECHNICAL_VISIT":
        return True
    return status in LIFE[: LIFE.index(until) + 1]


@dataclass(frozen=True, slots=True)
class ParkFor:
    """How long a fact that came too early waits, by the topic it came on (ED-2)."""

    default: Span
    topics: tuple[tuple[str, Span], ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Reads a mapping of topics to durations, `default` among them."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping) or "default" not in value:
            raise ValueError("needs a duration for each topic that it names, and `default`")
        spans: dict[str, Span] = {}
        for topic, text in value.items():
            try:
                spans[str(topic)] = Span.parse(text)
            except ValueError as error:
                raise ValueError(f"{topic}: {error}") from error
        default = spans.pop("default")
        return cls(default, tuple(sorted(spans.items())))

    def of(self, topic: str) -> Span:
        """The time a fact from this topic is kept before it is refused."""
        return dict(self.topics).get(topic, self.default)

    def as_mapping(self) -> dict[str, str]:
        """As policy files write it, and `parse` reads it."""
        return {"default": str(self.default), **{name: str(span) for name, span in self.topics}}


def _switch(value: object) -> bool:
    words = {"on": True, "true": True, "off": False, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError(f"{value!r} is neither on nor off")


def _word(value: object) -> object:
    # `off` is a word here, and what YAML readers make of it when nobody stops them.
    return ("on" if value else "off") if isinstance(value, bool) else value


def _status(value: object) -> object:
    # As domain.md writes it (Pre-scheduled, Waiting for WCF) or as data do (PRE_SCHEDULED).
    if not isinstance(value, str):
        return value
    return value.strip().upper().replace(" ", "_").replace("-", "_")


def _zone_name(name: str) -> str:
    zone(name)
    return name


def _positive(span: Span) -> Span:
    if span.amount == 0:
        raise ValueError("must be longer than nothing")
    return span


def _elapsed(span: Span) -> Span:
    if span.calendar:
        raise ValueError(f"{span}: hours or minutes, not days")
    return span


def _whole_days(span: Span) -> Span:
    if not span.calendar and span.ms % 86_400_000:
        raise ValueError(f"{span} is counted as working days: a multiple of 24 h, or days")
    return span


def _fraction(value: object) -> Fraction:
    try:
        fraction = Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{value!r} is no fraction (such as 2/3)") from error
    if not 0 <= fraction <= 1:
        raise ValueError(f"{value!r} is not between 0 and 1")
    return fraction


def _rising(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    # A day is compared at 24 hours: only the order counts here.
    sizes = [span.amount * 86_400_000 if span.calendar else span.ms for span in spans]
    if not sizes or sizes != sorted(set(sizes)):
        raise ValueError("needs one duration or more, each longer than the one before")
    return spans


def _reasons(reasons: tuple[str, ...]) -> tuple[str, ...]:
    if not reasons or len(set(reasons)) != len(reasons):
        raise ValueError("needs one reason or more, each once")
    return reasons


def _online(value: object) -> object:
    return None if value == AS_AUTO_SEND_AFTER else value


AS_AUTO_SEND_AFTER = "as auto_send_after"

Duration = Annotated[Span, BeforeValidator(Span.parse), PlainSerializer(str)]
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
ElapsedDuration = Annotated[Duration, AfterValidator(_elapsed)]
WorkingDays = Annotated[Duration, AfterValidator(_whole_days)]
OnlineDuration = Annotated[
    Duration | None,
    BeforeValidator(_online),
    PlainSerializer(lambda span: AS_AUTO_SEND_AFTER if span is None else str(span)),
]
RisingDurations = Annotated[tuple[Duration, ...], AfterValidator(_rising)]
Switch = Annotated[
    bool, BeforeValidator(_switch), PlainSerializer(lambda on: "on" if on else "off")
]
SkipBy = Annotated[Literal["off", "admin", "all"], BeforeValidator(_word)]
UpdateUntil = Annotated[
    Literal[
        "PRE_SCHEDULED",
        "SCHEDULED",
        "DISTRIBUTED",
        "CONFIRMED",
        "IN_PROGRESS",
        "WAITING_FOR_WCF",
        "DONE",
    ],
    BeforeValidator(_status),
]
CancelUntil = Annotated[
    Literal["PRE_SCHEDULED", "SCHEDULED", "DISTRIBUTED", "CONFIRMED", "IN_PROGRESS"],
    BeforeValidator(_status),
]
ExtraCostUntil = Annotated[
    Literal["CONFIRMED", "IN_PROGRESS", "WAITING_FOR_WCF", "DONE"], BeforeValidator(_status)
]
Priority = Literal["low", "normal", "high", "urgent"]
RemindersBy = Literal["adobe", "us"]
ZoneName = Annotated[str, AfterValidator(_zone_name)]
HolidaysOf = Annotated[Holidays, BeforeValidator(Holidays.parse), PlainSerializer(str)]
Bookable = Annotated[BookableDays, BeforeValidator(BookableDays.parse), PlainSerializer(str)]
Window = Annotated[SendWindow, BeforeValidator(SendWindow.parse), PlainSerializer(str)]
Parking = Annotated[
    ParkFor, BeforeValidator(ParkFor.parse), PlainSerializer(lambda park: park.as_mapping())
]
Reasons = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], ...], AfterValidator(_reasons)
]
Amount = Annotated[
    Decimal,
    Field(gt=0, max_digits=12, decimal_places=2),
    PlainSerializer(lambda amount: f"{amount.normalize():f}"),
]
Share = Annotated[Fraction, BeforeValidator(_fraction), PlainSerializer(str)]
