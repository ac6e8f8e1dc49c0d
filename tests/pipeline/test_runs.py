"""Many runs fit on one broker; the topics of old ones go."""

from __future__ import annotations

import time

from confluent_kafka.admin import AdminClient, NewTopic

from stack.local import LocalStack
from stack.runs import dated_prefix, forget_older, fresh_prefix


def test_prefixes_are_new_and_dated_ones_sort_by_time() -> None:
    assert fresh_prefix("run") != fresh_prefix("run")
    assert dated_prefix("tour") > "tour-20200101-000000."


def test_the_last_runs_are_kept_and_others_left_alone(stack: LocalStack) -> None:
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    kept = {"tour-20260303-100000.b", "tour-20260304-100000.a", "touring.a", "run-abc.tour-1.a"}
    gone = {"tour-20260301-100000.a", "tour-20260302-100000.a", "tour-20260302-100000.b"}
    made = admin.create_topics([NewTopic(name, 1, 1) for name in kept | gone])
    for each in made.values():
        each.result()
    until = time.monotonic() + 20  # a broker lists what it has made a moment later
    while not kept | gone <= set(admin.list_topics(timeout=10).topics):
        assert time.monotonic() < until
        time.sleep(0.05)

    assert forget_older(admin, "tour", 2) == ["tour-20260301-100000.", "tour-20260302-100000."]

    found = set(admin.list_topics(timeout=10).topics)
    assert kept <= found
    assert not gone & found
    assert forget_older(admin, "tour", 2) == []
