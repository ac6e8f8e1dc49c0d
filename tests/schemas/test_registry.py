"""Ids from the lock file and from a registry over HTTP, which may be away for a while."""

import json

import httpx
import pytest

from schemas import lock
from schemas.registry import (
    BundledRegistry,
    HttpRegistry,
    RefusedSchemaError,
    RegistryError,
    UnknownSchemaError,
    registry_for,
)
from schemas.serde import AvroSerde
from streams.codec import Unavailable, Undecodable
from tests.schemas.samples import ORDER

URL = "http://registry.test/apis/ccompat/v7"


class FakeRegistry(httpx.BaseTransport):
    """Speaks Confluent's API for the ids of the lock file; `troubles` are answered first."""

    def __init__(self, *troubles: httpx.Response | Exception) -> None:
        self.troubles = list(troubles)
        self.asked: list[str] = []
        self.ids = {(v.subject, v.schema): number for number, v in lock.read().items()}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().removeprefix("/apis/ccompat/v7")
        self.asked.append(f"{request.method} {path}")
        if self.troubles:
            trouble = self.troubles.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        if request.method == "GET":
            version = lock.read().get(int(path.removeprefix("/schemas/ids/")))
            if version is None:
                return httpx.Response(404, json={"error_code": 40403})
            return httpx.Response(200, json={"schema": version.schema})
        subject = path.split("/")[2]
        schema = json.loads(request.content)["schema"]
        if path.endswith("/versions"):
            self.ids.setdefault((subject, schema), 1000 + len(self.ids))
        number = self.ids.get((subject, schema))
        if number is None:
            return httpx.Response(404, json={"error_code": 40403})
        return httpx.Response(200, json={"subject": subject, "id": number, "schema": schema})


def _registry(fake: FakeRegistry, patience_s: float = 30.0) -> HttpRegistry:
    return HttpRegistry(URL, httpx.Client(transport=fake), patience_s)


def test_the_bundled_ids_are_those_of_the_lock_file() -> None:
    registry = registry_for("bundled:")
    for number, version in lock.read().items():
        assert registry.schema_of(number) == version.schema
        assert registry.id_of(version.subject, version.schema) == number


def test_an_id_and_a_schema_that_the_lock_file_does_not_have() -> None:
    with pytest.raises(UnknownSchemaError, match="no schema with the id 99999"):
        BundledRegistry().schema_of(99_999)
    with pytest.raises(UnknownSchemaError, match=r"this schema of pyxis\.orders-x"):
        BundledRegistry().id_of("pyxis.orders-x", "{}")


def test_events_travel_by_the_ids_of_a_registry_over_http() -> None:
    fake = FakeRegistry()
    serde = AvroSerde(_registry(fake))
    value = serde.encode("pyxis.orders", ORDER)
    assert AvroSerde(_registry(fake)).decode("pyxis.orders", value) == ORDER
    number = int.from_bytes(value[1:5], "big")
    assert fake.asked == [
        "POST /subjects/pyxis.orders-sx.pyxis.OrderCreated",
        f"GET /schemas/ids/{number}",
    ]


def test_what_was_asked_once_is_not_asked_again() -> None:
    fake = FakeRegistry()
    serde = AvroSerde(_registry(fake))
    for _ in range(3):
        serde.decode("pyxis.orders", serde.encode("pyxis.orders", ORDER))
    assert len(fake.asked) == 1


def test_an_id_that_the_registry_does_not_know() -> None:
    with pytest.raises(UnknownSchemaError, match="has no schema with the id 99999"):
        _registry(FakeRegistry()).schema_of(99_999)


def test_a_schema_that_is_not_registered_and_is_then() -> None:
    registry = _registry(FakeRegistry())
    with pytest.raises(UnknownSchemaError, match="is not registered"):
        registry.id_of("t-x", "{}")
    number = registry.register("t-x", "{}")
    assert registry.id_of("t-x", "{}") == number


def test_a_registry_in_trouble_is_asked_again() -> None:
    fake = FakeRegistry(
        httpx.ConnectError("refused"), httpx.Response(503), httpx.Response(429, text="later")
    )
    assert _registry(fake).schema_of(1) == lock.read()[1].schema
    assert len(fake.asked) == 4


def test_a_registry_that_stays_away_is_named() -> None:
    fake = FakeRegistry(*[httpx.ConnectError("refused")] * 50)
    with pytest.raises(RegistryError, match=rf"{URL} does not answer GET /schemas/ids/1.*refused"):
        _registry(fake, patience_s=0.0).schema_of(1)


def test_a_refusal_is_told_and_not_repeated() -> None:
    why = {"message": "b at /fields/1", "error_code": 409}
    fake = FakeRegistry(httpx.Response(409, json=why))
    with pytest.raises(RefusedSchemaError, match="answers 409: b at /fields/1"):
        _registry(fake).register("t-x", "{}")
    assert len(fake.asked) == 1


@pytest.mark.parametrize("answer", [{"text": "<html>"}, {"json": {"detail": "no route"}}])
def test_ED_16_a_proxy_that_answers_404_does_not_make_an_id_unknown(
    answer: dict[str, object],
) -> None:
    fake = FakeRegistry(httpx.Response(404, **answer))  # type: ignore[arg-type]
    with pytest.raises(RegistryError, match="answers 404") as raised:
        _registry(fake).schema_of(1)
    assert not isinstance(raised.value, UnknownSchemaError)


def test_ED_16_a_registry_that_is_away_is_no_fault_of_a_record() -> None:
    value = AvroSerde(BundledRegistry()).encode("pyxis.orders", ORDER)
    fake = FakeRegistry(httpx.ConnectError("refused"))
    serde = AvroSerde(_registry(fake, patience_s=0.0))
    with pytest.raises(Unavailable, match="refused"):
        serde.decode("pyxis.orders", value)
    assert serde.decode("pyxis.orders", value) == ORDER


def test_a_schema_that_refers_to_other_subjects_is_read_whole() -> None:
    customer = {"type": "record", "name": "C", "namespace": "n", "fields": []}
    field = {"name": "customer", "type": "n.C"}
    schema = {"type": "record", "name": "O", "namespace": "n", "fields": [field]}
    refers = [{"name": "n.C", "subject": "n.C", "version": 1}]
    fake = FakeRegistry(
        httpx.Response(200, json={"schema": json.dumps(schema), "references": refers}),
        httpx.Response(200, json={"schema": json.dumps(customer), "version": 1}),
    )
    whole = json.loads(_registry(fake).schema_of(7))
    assert whole["fields"] == [{"name": "customer", "type": customer}]
    assert fake.asked == ["GET /schemas/ids/7", "GET /subjects/n.C/versions/1"]


def test_ED_16_a_schema_that_cannot_be_used_is_the_fault_of_its_record() -> None:
    field = {"name": "customer", "type": "n.Nowhere"}
    name = {"name": "OrderCreated", "namespace": "sx.pyxis"}
    schema = json.dumps({"type": "record", **name, "fields": [field]})
    fake = FakeRegistry(httpx.Response(200, json={"schema": schema}))
    value = b"\x00\x00\x00\x00\x07\x00"
    with pytest.raises(Undecodable, match="cannot be used") as raised:
        AvroSerde(_registry(fake)).decode("pyxis.orders", value)
    assert raised.value.cause == "UNKNOWN_SCHEMA"


def test_a_password_in_the_url_is_shown_to_nobody() -> None:
    url = "https://me:secret@registry.test/apis/ccompat/v7"
    for trouble in (httpx.ConnectError("refused"), httpx.Response(503), httpx.Response(401)):
        client = httpx.Client(transport=FakeRegistry(trouble))
        with pytest.raises(RegistryError, match=r"registry\.test") as raised:
            HttpRegistry(url, client, 0.0).schema_of(1)
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize("answer", [{"text": "<html>"}, {"json": {"no": "schema"}}, {"json": []}])
def test_something_else_than_a_registry_is_found_out(answer: dict[str, object]) -> None:
    fake = FakeRegistry(httpx.Response(200, **answer))  # type: ignore[arg-type]
    with pytest.raises(RegistryError, match="does not answer like a schema registry"):
        _registry(fake).schema_of(1)


def test_a_url_that_names_no_registry() -> None:
    assert isinstance(registry_for("https://registry.test"), HttpRegistry)
    with pytest.raises(ValueError, match="is no registry"):
        registry_for("file:///tmp")
