"""The keys of a policy: dotted names, as the spec writes them, from nested or dotted files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath

from policies.groups import Group
from policies.model import Policy
from policies.stores import STORE_KEYS

_ROUND_ABOUT = ("bu", "stores")
_STORE_SELECTORS = ("by_id", "by_cluster", "by_region")


def _leaves(group: type[Group], prefix: str) -> Iterator[str]:
    for name, info in group.model_fields.items():
        key = f"{prefix}{info.alias or name}"
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            yield from _leaves(kind, f"{key}.")
        elif key not in _ROUND_ABOUT:
            yield key


POLICY_KEYS: tuple[str, ...] = tuple(_leaves(Policy, ""))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, with which key, in which file."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.reason) if part)


class PolicyError(ValueError):
    """Policies that can't be used; the message has a line per problem: file, key, reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class Stated:
    """A value and the file that states it."""

    value: object
    file: str


@dataclass(slots=True)
class Statements:
    """What files say of one BU, by dotted key; what is read later beats what was read before.

    A store's key reads `stores.by_cluster.Oeiras.contract.auto_send_after`, and is kept as
    (`stores`, `by_cluster`, `Oeiras`, `contract.auto_send_after`); a plain one as (key,).
    """

    bu: str
    problems: list[Problem]
    by_key: dict[tuple[str, ...], Stated] = field(default_factory=dict)

    def read(self, file: str, document: object) -> None:
        """Takes a BU's document: nested or dotted keys, or both."""
        if not isinstance(document, Mapping):
            self.wrong(file, "", "is no mapping of keys to values")
            return
        rest = {str(key): value for key, value in document.items()}
        self._stores(file, rest.pop("stores", {}))
        stated: set[str] = set()
        for key, value in self._flat(file, rest):
            if key in stated and key != "park.for":
                self.wrong(file, key, "stands there twice, dotted and nested")
            stated.add(key)
            self._take(file, key, value)

    def wrong(self, file: str, key: str, reason: str) -> None:
        """Notes a problem; in a file that speaks of several BUs the key is said with its BU."""
        alone = PurePath(file).stem in (self.bu, "defaults")
        shown = key if alone else f"{self.bu}.{key}".rstrip(".")
        self.problems.append(Problem(file, shown, reason))

    def file_of(self, key: str, default: str) -> str:
        """The file that stated the key, or the part of it that is wrong."""
        for parts, stated in reversed(self.by_key.items()):
            stated_key = ".".join(parts)
            if key == stated_key or key.startswith(f"{stated_key}."):
                return stated.file
        return default

    def nested(self) -> dict[str, object]:
        """As `Policy` reads it."""
        tree: dict[str, object] = {}
        for parts, stated in self.by_key.items():
            path = parts if len(parts) > 1 else tuple(parts[0].split("."))
            place = tree
            for part in path[:-1]:
                inner = place.setdefault(part, {})
                assert isinstance(inner, dict), "no key is the beginning of another"
                place = inner
            place[path[-1]] = stated.value
        return tree

    def _take(self, file: str, key: str, value: object) -> None:
        before = self.by_key.pop((key,), None)
        if key == "park.for" and isinstance(value, Mapping):
            # By topic: a file that shortens one keeps the others.
            kept = before.value if before and isinstance(before.value, Mapping) else {}
            value = {**kept, **value}
        self.by_key[(key,)] = Stated(value, file)

    def _stores(self, file: str, part: object) -> None:
        if not isinstance(part, Mapping):
            self.wrong(file, "stores", "is no mapping")
            return
        for selector, entries in part.items():
            place = f"stores.{selector}"
            if selector not in (*_STORE_SELECTORS, "regions_by_zip"):
                known = ", ".join((*_STORE_SELECTORS, "regions_by_zip"))
                self.wrong(file, place, f"is not one of {known}")
            elif not isinstance(entries, Mapping):
                self.wrong(file, place, "is no mapping")
            elif selector == "regions_by_zip":
                for prefix, region in entries.items():
                    self._put(("stores", selector, str(prefix)), Stated(str(region), file))
            else:
                for name, values in entries.items():
                    self._store(file, (selector, str(name)), values)

    def _store(self, file: str, place: tuple[str, str], values: object) -> None:
        prefix = f"stores.{place[0]}.{place[1]}."
        if not isinstance(values, Mapping):
            self.wrong(file, prefix[:-1], "is no mapping of keys to values")
            return
        for key, value in self._flat(file, values, shown=prefix):
            if key in STORE_KEYS:
                self._put(("stores", *place, key), Stated(value, file))
            else:
                reason = f"may not differ by store (only {', '.join(STORE_KEYS)} may)"
                self.wrong(file, prefix + key, reason)

    def _put(self, parts: tuple[str, ...], stated: Stated) -> None:
        self.by_key.pop(parts, None)
        self.by_key[parts] = stated

    def _flat(
        self, file: str, document: Mapping[str, object], prefix: str = "", *, shown: str = ""
    ) -> Iterator[tuple[str, object]]:
        for name, value in document.items():
            key = f"{prefix}{name}"
            topic = key.removeprefix("park.for.")
            if key in POLICY_KEYS:
                yield key, value
            elif topic != key:
                yield "park.for", {topic: value}
            elif any(leaf.startswith(f"{key}.") for leaf in POLICY_KEYS):
                if isinstance(value, Mapping):
                    yield from self._flat(file, value, f"{key}.", shown=shown)
                else:
                    reason = "is a group of keys, not a value"
                    self.wrong(file, shown + key, reason)
            else:
                near = get_close_matches(key, POLICY_KEYS, n=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                self.wrong(file, shown + key, f"is no key of a policy{hint}")
