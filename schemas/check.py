"""The schemas of today against every version ever committed: FULL_TRANSITIVE, both ways.

Today's types must read all that was ever written (a replay), and code of any committed version
must read what is written today (a rolling deploy).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from schemas import lock
from schemas.resolution import Obstacle, narrowed, obstacles


@dataclass(frozen=True)
class Problem:
    """A change that the committed versions forbid.

    record: full name. field: path of names in it, empty for the record itself. version: the
    committed version of the subject that it conflicts with, 0 where there is none.
    """

    subject: str
    record: str
    field: str
    version: int
    why: str

    def __str__(self) -> str:
        where = f"{self.record}.{self.field}" if self.field else self.record
        against = f" (against version {self.version} of {self.subject})" if self.version else ""
        return f"{where}: {self.why}{against}"


def incompatible(texts: Mapping[str, str], committed: lock.Lock) -> list[Problem]:
    """What is wrong with the schemas `texts` (by subject), given every committed version."""
    problems: list[Problem] = []
    for version in sorted(committed.values(), key=lambda v: (v.subject, v.version)):
        new = texts.get(version.subject)
        if new is None:
            problems.append(_problem(version, Obstacle("", "was dropped, or renamed")))
        elif new != version.schema:
            problems += [_problem(version, each) for each in _between(new, version.schema)]
    return list(dict.fromkeys(problems))


def check(
    texts: Mapping[str, str] | None = None, committed: lock.Lock | None = None
) -> list[Problem]:
    """`incompatible` for the ``.avsc`` files and ``ids.lock``, and whatever has no id yet."""
    texts = lock.current() if texts is None else texts
    committed = lock.read() if committed is None else committed
    known = {(v.subject, v.schema) for v in committed.values()}
    missing = [
        Problem(subject, subject.partition("-")[2], "", 0, "no id yet: run `sx schemas generate`")
        for subject, text in sorted(texts.items())
        if (subject, text) not in known
    ]
    return incompatible(texts, committed) + missing


def _between(new: str, old: str) -> list[Obstacle]:
    today, then = json.loads(new), json.loads(old)
    return [
        *(Obstacle(o.field, f"reading old records: {o.why}") for o in obstacles(today, then)),
        *(Obstacle(o.field, f"old readers: {o.why}") for o in obstacles(then, today)),
        *narrowed(today, then),
    ]


def _problem(version: lock.Version, obstacle: Obstacle) -> Problem:
    record = version.subject.partition("-")[2]
    return Problem(version.subject, record, obstacle.field, version.version, obstacle.why)
