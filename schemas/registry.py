"""Where a schema's id comes from: the lock file that ships with us, or a registry over HTTP.

``bundled:`` needs no server. Any registry that speaks Confluent's API will do as well; a schema
never changes under its id, so what was asked once is not asked again.
"""

import json
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential

from schemas import lock

BUNDLED = "bundled:"
"""The registry's URL that means ``ids.lock``."""

_CONTENT = "application/vnd.schemaregistry.v1+json"


class RegistryError(Exception):
    """The registry does not answer, or not as it should; says which and what was asked."""


class UnknownSchemaError(RegistryError):
    """The registry knows no such id, or no such schema of that subject."""


class Registry(Protocol):
    """Ids of schemas. Both answers are the same for ever."""

    def id_of(self, subject: str, schema: str) -> int:
        """The id of a schema (its text) in a subject; raises `UnknownSchemaError`."""
        ...

    def schema_of(self, number: int) -> str:
        """The text of the schema with this id; raises `UnknownSchemaError`."""
        ...


class BundledRegistry:
    """The ids of ``ids.lock``, or of a lock that is given."""

    def __init__(self, versions: lock.Lock | None = None) -> None:
        self._versions = lock.read() if versions is None else dict(versions)
        self._ids = {(v.subject, v.schema): number for number, v in self._versions.items()}

    def id_of(self, subject: str, schema: str) -> int:
        """See `Registry`."""
        number = self._ids.get((subject, schema))
        if number is None:
            raise UnknownSchemaError(
                f"ids.lock has no id for this schema of {subject}: run `sx schemas generate`"
            )
        return number

    def schema_of(self, number: int) -> str:
        """See `Registry`."""
        if number not in self._versions:
            raise UnknownSchemaError(f"ids.lock has no schema with the id {number}")
        return self._versions[number].schema


class HttpRegistry:
    """A registry that speaks Confluent's API, Apicurio's ``/apis/ccompat/v7`` for one.

    url: its base. client: carries time-out, TLS and authentication. patience_s: how long to try
    again, in seconds, while it is unreachable or asks to wait; then `RegistryError`.
    """

    def __init__(
        self, url: str, client: httpx.Client | None = None, patience_s: float = 30.0
    ) -> None:
        self._url = url.rstrip("/")
        self._client = client or httpx.Client(timeout=5.0)
        self._patience_s = patience_s
        self._ids: dict[tuple[str, str], int] = {}
        self._schemas: dict[int, str] = {}

    def id_of(self, subject: str, schema: str) -> int:
        """See `Registry`; asks only, registers nothing."""
        return self._number(subject, schema, "", "is not registered")

    def register(self, subject: str, schema: str) -> int:
        """The id of a schema, given by the registry now if it had none.

        Raises `RegistryError` where the registry refuses it as incompatible.
        """
        return self._number(subject, schema, "/versions", "cannot be registered")

    def schema_of(self, number: int) -> str:
        """See `Registry`."""
        if number not in self._schemas:
            answer = self._ask("GET", f"/schemas/ids/{number}")
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise UnknownSchemaError(f"{self._url} has no schema with the id {number}")
            self._schemas[number] = str(self._field(answer, "schema"))
        return self._schemas[number]

    def _number(self, subject: str, schema: str, under: str, problem: str) -> int:
        known = self._ids.get((subject, schema))
        if known is not None:
            return known
        path = f"/subjects/{quote(subject, safe='')}{under}"
        answer = self._ask("POST", path, {"schema": schema, "schemaType": "AVRO"})
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise UnknownSchemaError(f"{self._url}: this schema of {subject} {problem}")
        number = int(self._field(answer, "id"))
        self._ids[subject, schema] = number
        return number

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> httpx.Response:
        tries = Retrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_exponential(multiplier=0.1, max=5.0),
            stop=stop_after_delay(self._patience_s),
            reraise=True,
        )
        try:
            return tries(self._once, method, path, body)
        except httpx.HTTPError as error:
            raise RegistryError(
                f"schema registry {self._url} does not answer {method} {path}: {error!r}"
            ) from error

    def _once(self, method: str, path: str, body: dict[str, str] | None) -> httpx.Response:
        headers = {"Accept": _CONTENT, "Content-Type": _CONTENT}
        answer = self._client.request(method, self._url + path, json=body, headers=headers)
        if answer.status_code >= 500 or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            answer.raise_for_status()
        return answer

    def _field(self, answer: httpx.Response, name: str) -> Any:
        asked = f"{answer.request.method} {answer.request.url}"
        if answer.is_error:
            raise RegistryError(f"{asked} answers {answer.status_code}: {answer.text[:500]}")
        try:
            return answer.json()[name]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise RegistryError(f"{asked} does not answer like a schema registry") from error


def registry_for(url: str) -> Registry:
    """The registry that a URL of the settings names: ``bundled:`` or one over HTTP."""
    if url == BUNDLED:
        return BundledRegistry()
    if url.startswith(("http://", "https://")):
        return HttpRegistry(url)
    raise ValueError(f"{url!r} is no registry: give {BUNDLED} or the URL of one over HTTP")


def _may_pass(error: BaseException) -> bool:
    """Whether trying again can help: no connection, no answer, a server in trouble."""
    return isinstance(error, httpx.TransportError | httpx.HTTPStatusError)
