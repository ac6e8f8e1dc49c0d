"""Compares an outcome with what a scenario expects.

An expectation names the fields that count: every field it gives must be equal; a list it gives is
complete, in any order, and each of its entries matches one entry by the fields given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """What is not as expected, one line each; nothing where all is well."""
    return list(_differences(expected, actual, path))


def _differences(expected: Any, actual: Any, path: str) -> Iterator[str]:
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            yield f"{path}: expected an object, got {actual!r}"
            return
        for name, wanted in expected.items():
            where = f"{path}.{name}" if path else name
            if name in actual:
                yield from _differences(wanted, actual[name], where)
            else:
                yield f"{where}: missing"
    elif isinstance(expected, list) and not all(isinstance(e, str) for e in expected):
        yield from _list_differences(expected, actual, path)
    elif expected == [] and actual != []:
        yield f"{path}: expected none, got {actual!r}"
    elif expected != actual:
        yield f"{path}: expected {expected!r}, got {actual!r}"


def _list_differences(expected: list[Any], actual: Any, path: str) -> Iterator[str]:
    left = list(actual)
    partner: dict[int, int] = {}

    def place(index: int, tried: set[int]) -> bool:
        for candidate, item in enumerate(left):
            if candidate in tried or differences(expected[index], item):
                continue
            tried.add(candidate)
            if candidate not in partner or place(partner[candidate], tried):
                partner[candidate] = index
                return True
        return False

    for index, wanted in enumerate(expected):
        if not place(index, set()):
            yield f"{path}: nothing matches {wanted!r}"
    for candidate, item in enumerate(left):
        if candidate not in partner:
            yield f"{path}: not expected: {item!r}"
