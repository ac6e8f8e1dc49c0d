"""Reads the ``.avsc`` files: one named type per file, shared ones referred to by full name.

The files are the source of truth for everything that travels. A reference is inlined where it is
met first, as Avro asks; what a schema is compared and numbered by is its text without ``doc``.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

AVSC = Path(__file__).parent / "avsc"
PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})


class BadSchemaError(Exception):
    """A ``.avsc`` file that cannot be used; says which one and why."""


@cache
def definitions() -> Mapping[str, Schema]:
    """Every named type of ``schemas/avsc`` by full name, in order of name."""
    return read(AVSC)


def read(folder: Path) -> dict[str, Schema]:
    """The named types of a folder ``<last part of the namespace>/<Name>.avsc``, by full name.

    Raises `BadSchemaError` where a file is no JSON or does not bear the name that it defines.
    """
    found: dict[str, Schema] = {}
    for path in sorted(folder.glob("*/*.avsc")):
        where = f"{path.parent.name}/{path.name}"
        try:
            schema = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadSchemaError(f"{where} is no JSON: {error}") from error
        name = f"{schema.get('namespace')}.{schema.get('name')}"
        if name != f"sx.{path.parent.name}.{path.stem}":
            raise BadSchemaError(f"{where} defines {name}: file, namespace and name must agree")
        found[name] = schema
    return dict(sorted(found.items()))


def full(name: str, known: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of a named type with every reference inlined where it is met first.

    Raises `BadSchemaError` for a name that nobody defines.
    """
    inlined: Schema = _inline(name, known if known is not None else definitions(), set())
    return inlined


def _inline(node: Any, known: Mapping[str, Schema], met: set[str]) -> Any:
    if isinstance(node, list):
        return [_inline(branch, known, met) for branch in node]
    if isinstance(node, str):
        if node in PRIMITIVES or node in met:
            return node
        if node not in known:
            raise BadSchemaError(f"no .avsc defines {node}")
        met.add(node)
        return _inline(known[node], known, met)
    if node["type"] == "array":
        return {**node, "items": _inline(node["items"], known, met)}
    if node["type"] == "record":
        fields = [{**f, "type": _inline(f["type"], known, met)} for f in node["fields"]]
        return {**node, "fields": fields}
    return dict(node)


def without_docs(node: Any) -> Any:
    """The same schema without ``doc``: what it says to a program."""
    if isinstance(node, list):
        return [without_docs(each) for each in node]
    if isinstance(node, dict):
        return {key: without_docs(value) for key, value in node.items() if key != "doc"}
    return node


def text(schema: Schema) -> str:
    """The canonical text of a schema: without docs, keys sorted, no spaces."""
    return json.dumps(without_docs(schema), sort_keys=True, separators=(",", ":"))


def referred(node: Any) -> Iterator[str]:
    """The full names that a schema refers to, as they are met."""
    if isinstance(node, str):
        if node not in PRIMITIVES:
            yield node
    elif isinstance(node, list):
        for branch in node:
            yield from referred(branch)
    elif node["type"] == "array":
        yield from referred(node["items"])
    elif node["type"] == "record":
        for field in node["fields"]:
            yield from referred(field["type"])


def reachable(names: frozenset[str], known: Mapping[str, Schema]) -> frozenset[str]:
    """These names and every name that they refer to, whatever the distance."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(referred(known[name]))
    return frozenset(found)
