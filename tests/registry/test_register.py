"""`sx schemas register` against a real registry."""

import json

from typer.testing import CliRunner

from cli.errors import CommandError
from cli.main import app
from schemas import lock
from schemas.registration import COMPATIBILITY, register, unregistered
from schemas.registry import HttpRegistry
from stack.local import LocalStack


def _sx(*arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"SX_REGISTRY_URL": ""}).invoke(app, ["schemas", *arguments])
    if isinstance(result.exception, CommandError):
        return result.exception.code, str(result.exception)
    return result.exit_code, result.stdout


def _two(subject: str) -> tuple[str, str]:
    """A schema, and one with a further field that old records do not have."""
    name = subject.rpartition(".")[2]
    fields = [{"name": "a", "type": "string"}]
    schema = {"type": "record", "name": name, "namespace": "t", "fields": fields}
    further = [*fields, {"name": "b", "type": "string"}]
    return json.dumps(schema), json.dumps({**schema, "fields": further})


def test_every_schema_has_an_id_and_its_compatibility(registry: HttpRegistry) -> None:
    fresh = HttpRegistry(registry.name)
    for subject, schema in lock.current().items():
        assert fresh.id_of(subject, schema) == registry.id_of(subject, schema)
        level = fresh.ask("GET", f"/config/{subject}")["compatibilityLevel"]
        assert level == COMPATIBILITY
    assert unregistered(fresh, ["sx.events", "pyxis.orders", "lifecycle.outcomes"]) == []


def test_a_second_time_changes_nothing(registry: HttpRegistry) -> None:
    code, output = _sx("register", "--registry", registry.name, "--json")
    told = json.loads(output)
    assert code == 0
    assert {one["state"] for one in told["subjects"]} == {"there"}
    assert {one["subject"] for one in told["subjects"]} == set(lock.current())


def test_a_dry_run_says_what_would_be_and_changes_nothing(registry: HttpRegistry) -> None:
    first, _ = _two("dry-t.Dry")
    for _ in range(2):
        (one,) = register(registry, {"dry-t.Dry": first}, dry_run=True)
        assert (one.state, one.number) == ("new subject", None)


def test_an_incompatible_schema_is_named_with_the_reason(registry: HttpRegistry) -> None:
    first, second = _two("told-t.Told")
    (new,) = register(registry, {"told-t.Told": first})
    for dry_run in (True, False):
        (one,) = register(HttpRegistry(registry.name), {"told-t.Told": second}, dry_run=dry_run)
        assert (one.state, one.number) == ("refused", None)
        assert "t.Told.b: reading old records: is not written" in one.why
    (same,) = register(registry, {"told-t.Told": first})
    assert (same.state, same.number) == ("there", new.number)


def test_what_is_refused_keeps_no_other_out(registry: HttpRegistry) -> None:
    first, second = _two("kept-t.Kept")
    register(registry, {"kept-t.Kept": first})
    other, _ = _two("other-t.Other")
    states = [
        one.state for one in register(registry, {"kept-t.Kept": second, "other-t.Other": other})
    ]
    assert states == ["refused", "new subject"]


def test_a_lower_compatibility_is_set_right(registry: HttpRegistry) -> None:
    first, _ = _two("low-t.Low")
    register(registry, {"low-t.Low": first})
    registry.ask("PUT", "/config/low-t.Low", {"compatibility": "NONE"})
    register(registry, {"low-t.Low": first})
    assert registry.ask("GET", "/config/low-t.Low")["compatibilityLevel"] == COMPATIBILITY


def test_a_registry_that_is_away_is_named_with_what_to_do(stack: LocalStack) -> None:
    code, said = _sx("register", "--registry", "bundled:")
    assert (code, "sx up --registry" in said) == (2, True)
    code, said = _sx("register", "--registry", f"{stack.registry_url}/nowhere")
    assert code == 2
    assert "base of its Confluent API" in said
