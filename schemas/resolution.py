"""Can a reader's schema read what a writer's schema wrote? Avro's rules, and our own beside them.

Avro's schema resolution decides on names, types, defaults, promotions, enum symbols and unions.
Ours: logical types with precision and scale must agree, and what a reader checks (values, pattern,
bounds) may only become wider, since a replay reads every record ever written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_PROMOTED = {
    "int": frozenset({"long", "float", "double"}),
    "long": frozenset({"float", "double"}),
    "float": frozenset({"double"}),
    "string": frozenset({"bytes"}),
}
_NARROWER = (
    ("min", "the least value allowed was {old}, now {new}"),
    ("min_items", "the least number of items allowed was {old}, now {new}"),
)


@dataclass(frozen=True)
class Obstacle:
    """Why something cannot be read; `field` is a path of names, empty for the record itself."""

    field: str
    why: str


def obstacles(reader: Any, writer: Any) -> list[Obstacle]:
    """Every reason why `reader` cannot read all that `writer` can write; none: it can.

    Both are whole schemas, references inlined where they are met first.
    """
    return list(_Resolution(_names(reader), _names(writer)).of(reader, writer, ""))


def narrowed(reader: Any, writer: Any) -> list[Obstacle]:
    """Where `reader` refuses data that `writer` allowed, by values, pattern or bounds."""
    return list(_narrowed(_names(reader), _names(writer)))


class _Resolution:
    def __init__(self, reader_names: dict[str, Any], writer_names: dict[str, Any]) -> None:
        self._reader_names = reader_names
        self._writer_names = writer_names
        self._done: set[tuple[str, str]] = set()

    def of(self, reader: Any, writer: Any, path: str) -> Iterator[Obstacle]:
        reader = self._reader_names.get(reader, reader) if isinstance(reader, str) else reader
        writer = self._writer_names.get(writer, writer) if isinstance(writer, str) else writer
        if isinstance(writer, list):
            for branch in writer:
                yield from self.of(reader, branch, path)
        elif isinstance(reader, list):
            yield from self._one_of(reader, writer, path)
        else:
            yield from self._plain(reader, writer, path)

    def _one_of(self, branches: Sequence[Any], writer: Any, path: str) -> Iterator[Obstacle]:
        tries = [_Resolution(self._reader_names, self._writer_names) for _ in branches]
        found = [list(t.of(b, writer, path)) for t, b in zip(tries, branches, strict=True)]
        if all(found):
            same = [f for b, f in zip(branches, found, strict=True) if self._alike(b, writer)]
            if same:
                yield from same[0]
            else:
                names = ", ".join(_name(branch) for branch in branches)
                yield Obstacle(path, f"{_name(writer)} is none of the branches {names}")

    def _alike(self, branch: Any, writer: Any) -> bool:
        branch = self._reader_names.get(branch, branch) if isinstance(branch, str) else branch
        return _kind(branch) == _kind(writer)

    def _plain(self, reader: Any, writer: Any, path: str) -> Iterator[Obstacle]:
        kind, written = _kind(reader), _kind(writer)
        if kind != written:
            if kind not in _PROMOTED.get(written, ()):
                yield Obstacle(path, f"{_name(writer)} cannot be read as {_name(reader)}")
            elif _logical(reader) != _logical(writer):
                yield Obstacle(path, _meaning(reader, writer))
            return
        if _logical(reader) != _logical(writer):
            yield Obstacle(path, _meaning(reader, writer))
        elif kind == "array":
            yield from self.of(reader["items"], writer["items"], f"{path}[]")
        elif kind in ("enum", "record"):
            yield from self._named(kind, reader, writer, path)

    def _named(self, kind: str, reader: Any, writer: Any, path: str) -> Iterator[Obstacle]:
        old, new = _full_name(writer), _full_name(reader)
        if old != new:
            yield Obstacle(path, f"{kind} {old} cannot be read as {kind} {new}")
        elif (old, new) not in self._done:
            self._done.add((old, new))
            yield from (self._record if kind == "record" else _enum)(reader, writer, path)

    def _record(self, reader: Any, writer: Any, path: str) -> Iterator[Obstacle]:
        written = {field["name"]: field for field in writer["fields"]}
        for field in reader["fields"]:
            name = field["name"]
            below = f"{path}.{name}" if path else name
            if name in written:
                yield from self.of(field["type"], written[name]["type"], below)
            elif "default" not in field:
                yield Obstacle(below, "is not written and has no default to be read instead")


def _enum(reader: Any, writer: Any, path: str) -> Iterator[Obstacle]:
    lost = [s for s in writer["symbols"] if s not in reader["symbols"]]
    if lost and "default" not in reader:
        yield Obstacle(path, f"knows no symbol {', '.join(lost)}")


def _narrowed(reader_names: dict[str, Any], writer_names: dict[str, Any]) -> Iterator[Obstacle]:
    for name, reader in reader_names.items():
        writer = writer_names.get(name)
        if writer is None or reader["type"] != "record" or writer["type"] != "record":
            continue
        written = {field["name"]: field for field in writer["fields"]}
        for field in reader["fields"]:
            if field["name"] in written:
                where = f"{name.rpartition('.')[2]}.{field['name']}"
                for why in _stricter(field, written[field["name"]]):
                    yield Obstacle(where, why)


def _stricter(new: dict[str, Any], old: dict[str, Any]) -> Iterator[str]:
    if "values" in new:
        lost = sorted(set(old["values"]) - set(new["values"])) if "values" in old else None
        if lost is None:
            yield "any value was allowed, now only those listed"
        elif lost:
            yield f"the value {', '.join(lost)} is allowed no more"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"the pattern was {old.get('pattern', 'none')}, now {new['pattern']}"
    for key, why in _NARROWER:
        if key in new and (key not in old or float(new[key]) > float(old[key])):
            yield why.format(old=old.get(key, "none"), new=new[key])
    if "max" in new and ("max" not in old or float(new["max"]) < float(old["max"])):
        yield f"the greatest value allowed was {old.get('max', 'none')}, now {new['max']}"


def _names(node: Any) -> dict[str, Any]:
    """Every record and enum that a schema defines, by full name."""
    found: dict[str, Any] = {}
    if isinstance(node, list):
        for branch in node:
            found |= _names(branch)
    elif isinstance(node, dict):
        if node["type"] in ("record", "enum"):
            found[_full_name(node)] = node
        for field in node.get("fields", ()):
            found |= _names(field["type"])
        if node["type"] == "array":
            found |= _names(node["items"])
    return found


def _kind(node: Any) -> str:
    return str(node["type"]) if isinstance(node, dict) else str(node)


def _logical(node: Any) -> dict[str, Any]:
    if not isinstance(node, dict):
        return {}
    return {key: node[key] for key in ("logicalType", "precision", "scale") if key in node}


def _full_name(node: dict[str, Any]) -> str:
    return f"{node['namespace']}.{node['name']}"


def _name(node: Any) -> str:
    if isinstance(node, list):
        return "a union"
    if isinstance(node, dict) and node["type"] in ("record", "enum"):
        return _full_name(node)
    kind = _kind(node)
    return f"{kind} ({node['logicalType']})" if "logicalType" in _logical(node) else kind


def _meaning(reader: Any, writer: Any) -> str:
    def told(node: Any) -> str:
        logical = _logical(node)
        return ", ".join(f"{key} {value}" for key, value in logical.items()) or "no logical type"

    return f"written with {told(writer)}, read with {told(reader)}"
