"""How a stand-in is told to misbehave."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Target = Literal["mail", "sms", "zendesk", "push"]
Answer = TypeVar("Answer")


class Fault(BaseModel):
    """What becomes of the next `times` requests to `target`.

    `status`: the code to answer with (HTTP, or SMTP for `mail`); without it the request is carried
    out and only late.  `delay_s`: seconds before the answer.  `after`: the request is carried out
    and kept all the same, so that its sender cannot know.  `retry_after_s`: the `Retry-After`
    header, in seconds.
    """

    model_config = ConfigDict(extra="forbid")

    target: Target
    times: int = Field(default=1, ge=1)
    status: int | None = Field(default=None, ge=400, le=599)
    delay_s: float = Field(default=0, ge=0)
    after: bool = False
    retry_after_s: int | None = Field(default=None, ge=0)


class Misbehaviour(BaseModel):
    """Everything `/_control` sets: faults (added), and lists (replaced when given).

    `opted_out`: telephone numbers that Twilio answers with 21610.  `unregistered`: device tokens
    that FCM no longer knows.  `refused_recipients`: e-mail address to SMTP code, always.
    """

    model_config = ConfigDict(extra="forbid")

    faults: list[Fault] = []
    opted_out: set[str] | None = None
    unregistered: set[str] | None = None
    refused_recipients: dict[str, int] | None = None


class Faults:
    """The misbehaviour that is in force."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Behave again, all of them."""
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.opted_out: set[str] = set()
        self.unregistered: set[str] = set()
        self.refused_recipients: dict[str, int] = {}

    def relent(self, target: str) -> None:
        """One target behaves again, the others go on; the lists stay."""
        self._waiting.pop(target, None)

    def add(self, wanted: Misbehaviour) -> None:
        """Put more faults in force, in their order, after those that wait already."""
        for fault in wanted.faults:
            self._waiting[fault.target] += [fault] * fault.times
        if wanted.opted_out is not None:
            self.opted_out = wanted.opted_out
        if wanted.unregistered is not None:
            self.unregistered = wanted.unregistered
        if wanted.refused_recipients is not None:
            self.refused_recipients = wanted.refused_recipients

    def in_force(self) -> dict[str, object]:
        """What still waits (requests per target) and the lists, as JSON."""
        return {
            "waiting": {target: len(queue) for target, queue in self._waiting.items() if queue},
            "opted_out": sorted(self.opted_out),
            "unregistered": sorted(self.unregistered),
            "refused_recipients": self.refused_recipients,
        }

    async def answer(
        self,
        target: Target,
        carry_out: Callable[[], Awaitable[Answer]],
        refuse: Callable[[Fault, int], Answer],
    ) -> Answer:
        """Carry a request out, or let the next fault of its target have its way with it."""
        if not self._waiting[target]:
            return await carry_out()
        fault = self._waiting[target].popleft()
        answer: Answer | None = None
        if fault.after:
            answer = await carry_out()
        await asyncio.sleep(fault.delay_s)
        if fault.status is not None:
            return refuse(fault, fault.status)
        return answer if answer is not None else await carry_out()
