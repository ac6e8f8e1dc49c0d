"""One decision on one Sx: what the chapters look at, and the draft of what happens.

A chapter tells entries and keeps facts; each is folded into `state` at once, so that what follows
sees it. Nothing is done before the kernel folds the same events again.
"""

from policies.local_time import local_day
from policies.model import Policy
from schemas.types.common import Actor
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.access import Action
from services.lifecycle.rules.evolve import evolve
from services.lifecycle.rules.state import SxState
from streams.rules import Accept, Context, Refuse, Wait


class Decision:
    """Judges one input or deadline of an Sx that exists, at the instant `now` (ms).

    parked_until: when a fact that waits is given up (ED-2); a deadline never waits.
    """

    def __init__(
        self,
        state: SxState,
        policy: Policy,
        actor: Actor,
        caused_by: str,
        context: Context,
        parked_until: int | None = None,
    ) -> None:
        self.state = state
        self.policy = policy
        self.actor = actor
        self.context = context
        self.now = context.now
        self.events: list[e.Event] = []
        self._caused_by = caused_by
        self._parked_until = parked_until

    # --- what happens ---------------------------------------------------------------------------

    def tell(self, rule: str, what: c.Change, reason: str | None = None) -> None:
        """A line of the history, by `rule`."""
        self._happen(self.entry(rule, what, reason))

    def keep(self, what: e.Kept) -> None:
        """Something that the history does not show."""
        self._happen(what)

    def enter(self, status: str, rule: str, reason: str | None = None) -> None:
        """The next status, where the figure has that arrow for that rule (SX-1)."""
        before = self.state.status
        s.check_arrow(before, status, rule)
        self.tell(rule, c.SxStatusChanged(from_status=before, to_status=status), reason)
        if status in s.OVER:
            for name in sorted(self.state.deadlines):
                self.clear(name)

    def set(self, name: str, at: int) -> None:
        """A deadline runs, due at `at` (ms), at once where that is over (ED-12)."""
        self.keep(e.DeadlineSet(name=name, at=max(at, self.now)))

    def clear(self, name: str) -> None:
        """A deadline runs no more; none is no error."""
        if name in self.state.deadlines:
            self.keep(e.DeadlineCleared(name=name))

    def entry(self, rule: str, what: c.Change, reason: str | None = None) -> e.Entry:
        """A line of the history that is told apart from the draft, beside a refusal."""
        return e.Entry(
            sx_id=self.state.sx_id,
            what=what,
            at=self.now,
            actor=self.actor,
            rule=rule,
            reason=reason,
            caused_by=self._caused_by,
        )

    def _happen(self, event: e.Event) -> None:
        after = evolve(self.state, event)
        assert after is not None, "an Sx never ceases to be"
        self.state = after
        self.events.append(event)

    # --- verdicts -------------------------------------------------------------------------------

    def accepted(self, rule: str) -> Accept:
        """All that was told and kept happens."""
        return Accept(tuple(self.events), rule)

    def wait(self, rule: str, reason: str) -> Wait:
        """Too early: parked, later refused by `rule` (ED-2)."""
        assert self._parked_until is not None, "a deadline never waits"
        return Wait(rule, reason, self._parked_until)

    def forbidden(self, action: Action) -> Refuse | None:
        """Whether table AC refuses the action: first the role, then the status (SX-19)."""
        cell = action.cells.get(self.actor.role)
        if cell is None:
            return Refuse(action.rule, f"{self.actor.role} may not {action.name}")
        if self.state.status not in cell.statuses:
            return Refuse(cell.rule, f"not allowed in status {self.state.status}: {action.name}")
        return None

    def untimely(self, action: Action) -> Refuse | Wait | None:
        """As `forbidden` for a fact: one whose status is yet to come waits (ED-2 over AC: DE-3)."""
        statuses = action.statuses
        if self.state.status in statuses:
            return None
        reason = f"not allowed in status {self.state.status}: {action.name}"
        if s.is_yet_to_come(self.state.status, statuses):
            return self.wait(action.rule, reason)
        return Refuse(action.rule, reason)

    def stale(self, expected_version: int | None) -> Refuse | None:
        """Whether what a command was decided on has changed since (ED-4)."""
        if expected_version is None or expected_version >= self.state.touched:
            return None
        return Refuse(
            "ED-4",
            f"decided on version {expected_version}, but version {self.state.touched}"
            " changed the service since",
        )

    def is_over(self, deadline: str) -> bool:
        """Whether a deadline that still runs was due by now: its effects come first (ED-13)."""
        at = self.state.deadlines.get(deadline)
        return at is not None and at <= self.now

    @property
    def day_is_over(self) -> bool:
        """Whether the planned day is over in the store's zone (ED-10, ED-11).

        Once its deadline has fired it is, however early an input is dated that comes late (ED-13).
        """
        if d.DATE not in self.state.deadlines:
            return True
        return local_day(self.now, self.policy.tz) > self.state.planned_on

    @property
    def is_manual(self) -> bool:
        """Whether a Pro is only ever assigned by hand (MA-8)."""
        return self.policy.assign.online_manual and self.state.channel == "ONLINE"
