"""The id of a local cluster."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from stack.kafka import cluster_id


@given(st.integers(0, 2**128 - 1))
def test_a_cluster_id_is_no_option(number: int) -> None:
    found = cluster_id(UUID(int=number))
    assert len(found) == 22
    assert not found.startswith("-")


def test_the_id_that_would_begin_with_a_dash() -> None:
    assert not cluster_id(UUID(int=0xF8 << 120)).startswith("-")
