"""The registry as a part of the local stack."""

from schemas import lock
from schemas.registry import HttpRegistry
from stack.local import LocalStack
from tests.stack.processes import processes


def test_a_stack_with_a_registry_is_found_with_it(
    stack: LocalStack, registry: HttpRegistry
) -> None:
    found = LocalStack(stack.folder)
    assert found.find()
    assert found.environment()["SX_REGISTRY_URL"] == registry.name
    assert len(processes(found.parts.values())) == 8


def test_its_ids_outlive_a_crash(stack: LocalStack, registry: HttpRegistry) -> None:
    subject, schema = next(iter(lock.current().items()))
    known = registry.id_of(subject, schema)
    stack.parts["registry"].kill()
    assert not LocalStack(stack.folder).find()
    stack.restart("registry")
    assert HttpRegistry(stack.registry_url).id_of(subject, schema) == known
