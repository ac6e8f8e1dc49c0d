"""No property judges by the clock: an example takes as long as the machine needs.

Files marked `longest` begin first, so that no process is left with one of them at the end.
"""

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, all else in the order that it has."""
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)
