"""Ticketing that reads the history of one Sx, without any kernel, and Zendesk's answers."""

from __future__ import annotations

from typing import Any

from policies.load import load_policies
from policies.units import Policies
from schemas.types.notifications import MessageFailed
from schemas.types.smd import Store
from schemas.types.spo import Provider
from schemas.types.tasks import TaskFailed, TaskOpened, TaskSolved, TaskTicketed
from schemas.types.zendesk import TicketChanged
from services.ticketing.rules.stage import TaskRules
from services.ticketing.rules.state import Tasks
from streams.envelope import Envelope
from streams.record import Record
from streams.rules import Accept, Context, Done, Effect, Failed, Message, Send, Verdict
from tests.rules.around import Latest, NoRows

POLICIES: Policies = load_policies()
TaskEvent = TaskOpened | TaskTicketed | TaskSolved | TaskFailed


class Ticketing:
    """Folds events through the rules; keeps what they say, and what Zendesk is owed."""

    def __init__(self, *, stores: tuple[Store, ...] = (), providers: tuple[Provider, ...] = ()):
        self._rules = TaskRules(POLICIES)
        self._references = {
            "order_ingest.catalogue": Latest({store.store_id: store for store in stores}),
            "matching.providers": Latest({each.provider_id: each for each in providers}),
        }
        self.state: Tasks | None = None
        self.told: list[TaskEvent] = []
        self.owed: list[Effect] = []
        self._tickets = 100

    def take(self, *events: Any) -> Ticketing:
        """Takes events of the Sx that are all accepted."""
        for event in events:
            verdict = self.judge("sx.events", event, event.at)
            assert isinstance(verdict, Accept), verdict
        return self

    def failed(self, message: MessageFailed) -> Verdict:
        return self.judge("notifications", message, message.at)

    def ticket(self, task_id: str, status: str, changed_at: int) -> Verdict:
        """News from Zendesk, received when the ticket changed."""
        news = TicketChanged(task_id=task_id, ticket_id="7", status=status, changed_at=changed_at)
        return self.judge("ticketing.tickets", news, changed_at)

    def judge(self, topic: str, event: Any, at: int) -> Verdict:
        envelope = Envelope(f"{topic}/{at}", type(event).__name__, at)
        record = Record(topic, 0, 0, None, b"", (), at)
        context = self._context(envelope)
        message = Message(topic, "LMES-701271-I-1", event, envelope, record)
        verdict = self._rules.decide(self.state, message, context)
        if isinstance(verdict, Accept):
            self._happen(verdict.events, context)
        return verdict

    def zendesk(self, failure: Failed | None = None) -> Ticketing:
        """Zendesk answers what it is owed: with a new ticket for each, or with `failure`."""
        while self.owed:
            effect = self.owed.pop(0)
            result = failure or Done(self._answer(effect))
            context = self._context(Envelope(f"{effect.key}/settled", "EFFECT", effect.at))
            assert self.state is not None
            self._happen(self._rules.settled(self.state, effect, result, context), context)
        return self

    def _answer(self, effect: Effect) -> dict[str, Any]:
        if effect.payload["action"] != "create":
            return {}
        self._tickets += 1
        return {"ticket_id": str(self._tickets)}

    def _context(self, cause: Envelope) -> Context:
        return Context(cause.time, cause.time + 5, cause, self._references, NoRows())

    def _happen(self, events: Any, context: Context) -> None:
        for event in events:
            before, self.state = self.state, self._rules.evolve(self.state, event)
            for output in self._rules.outputs(before, event, self.state, context):
                if isinstance(output, Effect):
                    self.owed.append(output)
                elif isinstance(output, Send):
                    told = output.event
                    assert isinstance(told, TaskEvent)
                    assert (output.topic, output.key) == ("tasks", told.task_id)
                    self.told.append(told)

    @property
    def tasks(self) -> dict[str, str]:
        """OPEN or SOLVED, by kind and n."""
        found = {} if self.state is None else self.state.tasks
        return {
            f"{task.kind}:{task.n}": "OPEN" if task.open else "SOLVED" for task in found.values()
        }

    def opened(self) -> list[TaskOpened]:
        return [told for told in self.told if isinstance(told, TaskOpened)]

    def solved(self) -> list[TaskSolved]:
        return [told for told in self.told if isinstance(told, TaskSolved)]
