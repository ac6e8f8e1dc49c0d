"""The local stack starts, is found, stops, and leaves nothing behind."""

import json
import os
import signal
import smtplib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from stack.local import LocalStack
from stack.ports import free_ports
from stack.process import Part, StackError
from stack.state import StackState
from tests.stack.processes import assert_all_end, processes

ROOT = Path(__file__).parents[2]
# Whoever starts the tests in the background may have them ignore SIGINT, which children inherit.
FOREGROUND = """
    import signal
    import sys
    from pathlib import Path
    from stack.local import LocalStack
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with LocalStack(Path(sys.argv[1])) as local:
        print("up", flush=True)
        local.wait()
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("stack")) as started:
        yield started


def test_every_part_answers(local: LocalStack) -> None:
    admin = AdminClient({"bootstrap.servers": local.bootstrap_servers})
    admin.create_topics([NewTopic("there", 2, 1)])["there"].result(10)
    assert len(admin.list_topics(timeout=5).topics["there"].partitions) == 2
    with redis.Redis.from_url(local.redis_url) as client:
        assert client.set("k", "v")
    assert httpx.get(f"{local.vendors_url}/").status_code == 200
    with smtplib.SMTP(local.smtp_host, local.smtp_port) as smtp:
        assert smtp.noop()[0] == 250


def test_K_15_K_29_the_broker_has_the_time_outs_of_the_local_stack(local: LocalStack) -> None:
    admin = AdminClient({"bootstrap.servers": local.bootstrap_servers})
    resource = ConfigResource(ResourceType.BROKER, "1")
    settings = admin.describe_configs([resource])[resource].result(10)
    wanted = {
        "group.consumer.min.session.timeout.ms": "3000",
        "group.consumer.session.timeout.ms": "6000",
        "group.consumer.min.heartbeat.interval.ms": "300",
        "group.consumer.heartbeat.interval.ms": "500",
        "broker.session.timeout.ms": "6000",
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
    }
    assert {name: settings[name].value for name in wanted} == wanted


def test_a_second_start_finds_the_first(local: LocalStack) -> None:
    with LocalStack(local.folder) as second:
        assert not second.owned
        assert second.environment() == local.environment()
        second.check()
    assert all(part.alive() for part in local.parts.values())


def sx(local: LocalStack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command on this stack."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        env={**os.environ, **local.environment(), "SX_STACK_DIR": str(local.folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_stack_that_ends_with_its_owner_is_not_said_to_be_left_running(
    local: LocalStack,
) -> None:
    done = sx(local, "up", "-d")
    assert done.returncode == 1
    assert "ends with the command that started it" in " ".join(done.stderr.split())


def test_an_sx_of_another_prefix_is_not_offered_for_itself(local: LocalStack) -> None:
    with redis.Redis.from_url(local.redis_url) as client:
        client.hset("demo-1.sx:LMES-1-I-1", "view", "{}")
        done = sx(local, "show", "LMES-1-I-1")
        assert done.returncode == 2
        assert "is empty and SX_PREFIX is not set" in " ".join(done.stderr.split())
        client.hset("sx:LMES-1-I-2", "view", "{}")
        done = sx(local, "show", "LMES-1-I-1")
        assert "did you mean LMES-1-I-2?" in " ".join(done.stderr.split())


def test_services_get_every_setting(local: LocalStack) -> None:
    assert set(local.environment()) == {
        "SX_KAFKA_BOOTSTRAP_SERVERS",
        "SX_REGISTRY_URL",
        "SX_REDIS_URL",
        "SX_CUSTOMER_KEY_SECRET",
        "SX_SMTP_HOST",
        "SX_SMTP_PORT",
        "SX_SMS_URL",
        "SX_SMS_ACCOUNT_SID",
        "SX_SMS_AUTH_TOKEN",
        "SX_SMS_FROM",
        "SX_ZENDESK_URL",
        "SX_ZENDESK_EMAIL",
        "SX_ZENDESK_TOKEN",
        "SX_PUSH_URL",
        "SX_PUSH_PROJECT",
        "SX_PUSH_TOKEN",
    }
    assert all(local.environment().values())


def test_K_29_a_broker_that_was_killed_comes_back_with_its_topics(local: LocalStack) -> None:
    admin = AdminClient({"bootstrap.servers": local.bootstrap_servers})
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(10)
    before = local.bootstrap_servers
    local.parts["kafka"].kill()
    assert not local.find()
    local.restart("kafka")
    assert local.find()
    assert local.bootstrap_servers == before
    assert "kept" in admin.list_topics(timeout=5).topics


def test_stop_leaves_nothing_and_a_new_start_has_the_data(tmp_path: Path) -> None:
    # A state file of a stack that died, its ids given to others since.
    gone = {"name": "kafka", "guard": [1, "0"], "command": [os.getpid(), "0"], "log": "x"}
    stale = {"ports": {"kafka": 1}, "parts": {"kafka": gone}}
    (tmp_path / "state.json").write_text(json.dumps(stale))
    local = LocalStack(tmp_path).start()
    watched = processes(local.parts.values())
    assert len(watched) == 6
    second = LocalStack(tmp_path)
    assert second.find()
    admin = AdminClient({"bootstrap.servers": local.bootstrap_servers})
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(10)
    with redis.Redis.from_url(local.redis_url) as client:
        client.set("kept", "v")

    assert LocalStack(tmp_path).stop(), "whoever comes second can stop it"
    assert_all_end(watched, 0)
    with pytest.raises(StackError, match=r"has ended \(.*kafka.*sx up -d"):
        second.check()
    assert not (tmp_path / "state.json").exists()
    assert (tmp_path / "received" / "index.html").exists()
    assert not LocalStack(tmp_path).stop()

    with LocalStack(tmp_path) as again:
        admin = AdminClient({"bootstrap.servers": again.bootstrap_servers})
        assert "kept" in admin.list_topics(timeout=5).topics
        with redis.Redis.from_url(again.redis_url) as client:
            assert client.get("kept") == b"v"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_end_of_its_owner_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(FOREGROUND), str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        state = StackState.read(tmp_path / "state.json")
        assert state is not None
        watched = processes(state.parts.values())
        assert all(each.alive() for each in watched)
        owner.send_signal(number)
        assert_all_end(watched)
    finally:
        owner.kill()
        owner.communicate()


def test_a_detached_stack_outlives_its_owner(tmp_path: Path) -> None:
    program = FOREGROUND.replace("with LocalStack(Path(sys.argv[1])) as local:", "if True:")
    program = program.replace(
        'print("up"', 'LocalStack(Path(sys.argv[1])).start(detach=True); print("up"'
    ).replace("local.wait()", "")
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)], cwd=ROOT, check=True
    )
    local = LocalStack(tmp_path)
    try:
        assert local.find()
        assert local.detached
        watched = processes(local.parts.values())
    finally:
        assert local.stop()
    assert_all_end(watched, 0)


def test_the_remains_of_a_start_are_cleared_away(tmp_path: Path) -> None:
    remains = Part.start("valkey", ["sleep", "60"], tmp_path / "log", detach=True)
    StackState({"valkey": free_ports(1)[0]}, {"valkey": remains}).write(tmp_path / "state.json")
    assert not LocalStack(tmp_path).find()
    assert LocalStack(tmp_path).stop()
    assert_all_end(processes([remains]), 0)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"ports": {}, "parts": {"kafka": {}}}'])
def test_a_state_file_that_is_no_good_finds_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert not LocalStack(tmp_path).find()
    assert not LocalStack(tmp_path).stop()


def test_without_a_stack_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="sx up"):
        LocalStack(tmp_path).bootstrap_servers  # noqa: B018
