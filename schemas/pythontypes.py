"""Writes the Python types of ``schemas/types`` from the ``.avsc`` files.

What comes from outside is checked as its schema says: lists of values become ``Literal``, 32 bits
are 32 bits. What only we write keeps ``str`` for its statuses, kinds and causes: the rules own
those lists.
"""

import keyword
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.avsc import Schema, reachable, referred

INPUT_NAMESPACES = frozenset(
    {"sx.pyxis", "sx.adobe", "sx.sma", "sx.sop", "sx.care", "sx.spo", "sx.smd", "sx.crm"}
) | {"sx.zendesk"}
"""The namespaces that systems around us write (events.md, In)."""

_LOGICAL = {"timestamp-millis": "Instant", "date": "date", "decimal": "Decimal"}
_LIMITS = {"min": "ge", "max": "le"}
_PLAIN = {"string": "str", "boolean": "bool", "int": "int", "long": "int", "bytes": "bytes"}


def modules(known: Mapping[str, Schema]) -> dict[str, str]:
    """The text of each module, not formatted yet, by the last part of its namespace."""
    inputs = reachable(
        frozenset(n for n in known if n.rpartition(".")[0] in INPUT_NAMESPACES), known
    )
    by_namespace: dict[str, list[str]] = {}
    for name in known:
        by_namespace.setdefault(name.rpartition(".")[0], []).append(name)
    return {
        namespace.rpartition(".")[2]: _module(namespace, names, known, inputs)
        for namespace, names in sorted(by_namespace.items())
    }


def _module(
    namespace: str, names: list[str], known: Mapping[str, Schema], inputs: frozenset[str]
) -> str:
    last = namespace.rpartition(".")[2]
    body = [
        _enum(known[name]) if known[name]["type"] == "enum" else _class(known[name], name in inputs)
        for name in _in_order(names, known)
    ]
    text = "\n\n".join(body)
    head = [
        f'"""Events and records of ``{namespace}``.',
        "",
        f"Generated from ``schemas/avsc/{last}`` by ``sx schemas generate``: change those files.",
        '"""',
        "",
        *_imports(namespace, names, known, text),
    ]
    return "\n".join(head) + "\n\n" + text + "\n"


def _imports(
    namespace: str, names: list[str], known: Mapping[str, Schema], text: str
) -> Iterable[str]:
    if "date" in _words(text):
        yield "from datetime import date"
    if "Decimal" in _words(text):
        yield "from decimal import Decimal"
    typing = [w for w in ("Annotated", "ClassVar", "Literal") if w in _words(text)]
    if typing:
        yield f"from typing import {', '.join(typing)}"
    used = {r for name in names if "fields" in known[name] for r in referred(known[name])}
    others = sorted(r for r in used if r.rpartition(".")[0] != namespace)
    yield ""
    if "msgspec" in _words(text):
        yield from ("import msgspec", "")
    event = [w for w in ("Event", "Instant", "Int32") if w in _words(text)]
    if event:
        yield f"from schemas.event import {', '.join(event)}"
    by_home: dict[str, list[str]] = {}
    for each in others:
        home, _, short = each.rpartition(".")
        by_home.setdefault(home.rpartition(".")[2], []).append(short)
    for last, shorts in by_home.items():
        yield f"from schemas.types.{last} import {', '.join(shorts)}"


def _words(text: str) -> frozenset[str]:
    code = "\n".join(line for line in text.splitlines() if '"""' not in line)
    for mark in "[](),:|.=":
        code = code.replace(mark, " ")
    return frozenset(code.split())


def _in_order(names: list[str], known: Mapping[str, Schema]) -> list[str]:
    """The names such that each stands after those it refers to, else by name."""
    ordered: list[str] = []

    def add(name: str) -> None:
        if name in names and name not in ordered:
            for other in sorted(referred(known[name]) if "fields" in known[name] else ()):
                add(other)
            ordered.append(name)

    for name in sorted(names):
        add(name)
    return ordered


def _enum(schema: Schema) -> str:
    symbols = ", ".join(f'"{symbol}"' for symbol in schema["symbols"])
    return f'{schema["name"]} = Literal[{symbols}]\n"""{schema["doc"]}"""\n'


def _class(schema: Schema, outside: bool) -> str:
    name = f"{schema['namespace']}.{schema['name']}"
    lines = [
        f"class {schema['name']}(Event, frozen=True, kw_only=True):",
        f'    """{schema["doc"]}"""',
        "",
        f'    avro_name: ClassVar[str] = "{name}"',
        "",
    ]
    lines += [f"    {_field(field, outside)}" for field in schema["fields"]]
    least = {f["name"]: f["min"] for f in schema["fields"] if _is_decimal(f) and "min" in f}
    if least:
        lines.append("")
        lines += [f'    least_{n}: ClassVar[Decimal] = Decimal("{m}")' for n, m in least.items()]
        lines += ["", "    def __post_init__(self) -> None:"]
    for attribute, minimum in least.items():
        lines += [
            f"        if self.{attribute} < self.least_{attribute}:",
            f'            raise ValueError("`{attribute}` must be {minimum} or more")',
        ]
    return "\n".join(lines) + "\n"


def _field(field: Schema, outside: bool) -> str:
    name = field["name"]
    attribute = f"{name}_" if keyword.iskeyword(name) else name
    line = f"{attribute}: {_type(field, outside)}"
    default = _default(field["default"]) if "default" in field else None
    if attribute == name:
        return line if default is None else f"{line} = {default}"
    given = "" if default is None else f", default={default}"
    return f'{line} = msgspec.field(name="{name}"{given})'


def _default(value: Any) -> str:
    if isinstance(value, list):
        return "()"
    return repr(value)


def _type(field: Schema, outside: bool) -> str:
    node = field["type"]
    if isinstance(node, list):
        (of,) = [branch for branch in node if branch != "null"]
        return f"{_type({**field, 'type': of}, outside)} | None"
    if "values" in field and outside:
        return f"Literal[{', '.join(_quoted(value) for value in field['values'])}]"
    return _limited(_bare(node, outside), field)


def _bare(node: Any, outside: bool) -> str:
    if isinstance(node, str):
        if node == "int" and outside:
            return "Int32"
        return _PLAIN.get(node) or node.rpartition(".")[2]
    if node["type"] == "array":
        return f"tuple[{_bare(node['items'], outside)}, ...]"
    return _LOGICAL[node["logicalType"]]


def _limited(name: str, field: Schema) -> str:
    limits = []
    if "pattern" in field:
        # `$` would let a line feed pass behind it
        exact = field["pattern"].removesuffix("$") + r"\Z"
        limits.append(f'pattern=r"{exact}"')
    if "min_items" in field:
        limits.append(f"min_length={field['min_items']}")
    if name in ("int", "Int32") and ("min" in field or "max" in field):
        bits = {"min": -(2**31), "max": 2**31 - 1} if name == "Int32" else {}
        bounds = bits | {key: field[key] for key in ("min", "max") if key in field}
        limits += [f"{_LIMITS[key]}={bound}" for key, bound in bounds.items()]
        name = "int"
    return f"Annotated[{name}, msgspec.Meta({', '.join(limits)})]" if limits else name


def _is_decimal(field: Schema) -> bool:
    node = field["type"]
    return isinstance(node, dict) and node.get("logicalType") == "decimal"


def _quoted(value: str) -> str:
    return f'"{value}"'
