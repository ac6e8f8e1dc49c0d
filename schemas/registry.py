"""Where a schema's id comes from: the lock file that ships with us, or a registry over HTTP.

``bundled:`` needs no server. Any registry that speaks Confluent's API will do as well; a schema
never changes under its id, so what was asked once is not asked again. All errors are `Unavailable`
to the kernel: whoever meets one keeps what it has in hand, and tries again.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential

from schemas import lock
from schemas.avsc import BadSchemaError, full
from streams.codec import Unavailable

BUNDLED = "bundled:"
"""The registry's URL that means ``ids.lock``."""

PATIENCE_S = 30.0
"""How long a command tries again; a worker tries for `WORKER_PATIENCE_S`, then keeps its batch."""

WORKER_PATIENCE_S = 1.0
TIMEOUT_S = 5.0
"""For one request: to connect, and to be answered."""

_CONTENT = "application/vnd.schemaregistry.v1+json"


class RegistryError(Unavailable):
    """The registry does not answer, or not as it should; says which and what was asked."""


class UnknownSchemaError(RegistryError):
    """The registry knows no such id, or no such schema of that subject."""


class RefusedSchemaError(RegistryError):
    """The registry does not take a schema: it breaks an earlier version, or is none; says why."""


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

    url: its base; a user and a password in it are used and never shown. client: carries time-out,
    TLS and authentication. patience_s: how long to try again, in seconds, while it is unreachable
    or asks to wait; then `RegistryError`.
    """

    def __init__(
        self, url: str, client: httpx.Client | None = None, patience_s: float = PATIENCE_S
    ) -> None:
        self._url = url.rstrip("/")
        self.name = str(httpx.URL(self._url).copy_with(username=None, password=None))
        self._client = client or httpx.Client(timeout=TIMEOUT_S)
        self._patience_s = patience_s
        self._ids: dict[tuple[str, str], int] = {}
        self._schemas: dict[int, str] = {}

    def id_of(self, subject: str, schema: str) -> int:
        """See `Registry`; asks only, registers nothing."""
        return self._number(subject, schema, "", "is not registered: run `sx schemas register`")

    def register(self, subject: str, schema: str) -> int:
        """The id of a schema, given by the registry now if it had none.

        Raises `RefusedSchemaError` where the registry does not take it.
        """
        return self._number(subject, schema, "/versions", "cannot be registered")

    def schema_of(self, number: int) -> str:
        """See `Registry`."""
        if number not in self._schemas:
            try:
                answer = self.ask("GET", f"/schemas/ids/{number}")
            except UnknownSchemaError as error:
                raise UnknownSchemaError(
                    f"{self.name} has no schema with the id {number}"
                ) from error
            self._schemas[number] = self._whole(answer)
        return self._schemas[number]

    def _whole(self, answer: Mapping[str, Any]) -> str:
        """The text of a schema with the types that it refers to in other subjects inlined."""
        schema = str(answer["schema"])
        if not answer.get("references"):
            return schema
        known: dict[str, Any] = {}
        todo = [answer]
        while todo:
            for each in todo.pop().get("references") or ():
                if each["name"] not in known:
                    subject = quote(each["subject"], safe="")
                    found = self.ask("GET", f"/subjects/{subject}/versions/{each['version']}")
                    known[each["name"]] = json.loads(found["schema"])
                    todo.append(found)
        written = json.loads(schema)
        name = f"{written['namespace']}.{written['name']}"
        try:
            return json.dumps(full(name, {**known, name: written}))
        except BadSchemaError:
            return schema  # whoever reads by it says what it lacks

    def _number(self, subject: str, schema: str, under: str, problem: str) -> int:
        known = self._ids.get((subject, schema))
        if known is not None:
            return known
        path = f"/subjects/{quote(subject, safe='')}{under}"
        try:
            answer = self.ask("POST", path, {"schema": schema, "schemaType": "AVRO"})
        except UnknownSchemaError as error:
            message = f"{self.name}: this schema of {subject} {problem}"
            raise UnknownSchemaError(message) from error
        number = int(answer["id"])
        self._ids[subject, schema] = number
        self._schemas.setdefault(number, schema)
        return number

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        """What it answers to one request, a JSON object. Raises as the class says."""
        tries = Retrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_exponential(multiplier=0.1, max=5.0),
            stop=stop_after_delay(self._patience_s),
            reraise=True,
        )
        try:
            answer: httpx.Response = tries(self._once, method, path, body)
        except httpx.HTTPError as error:
            raise RegistryError(
                f"schema registry {self.name} does not answer {method} {path}: {_told(error)}"
            ) from error
        return self._read(f"{method} {self.name}{path}", answer)

    def _once(self, method: str, path: str, body: dict[str, str] | None) -> httpx.Response:
        headers = {"Accept": _CONTENT, "Content-Type": _CONTENT}
        answer = self._client.request(method, self._url + path, json=body, headers=headers)
        if answer.status_code >= 500 or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            answer.raise_for_status()
        return answer

    def _read(self, asked: str, answer: httpx.Response) -> dict[str, Any]:
        try:
            told = answer.json()
        except ValueError:
            told = None
        if answer.is_error:
            why = told.get("message", answer.text) if isinstance(told, dict) else answer.text
            said = f"{asked} answers {answer.status_code}: {why[:500]}"
            # Only the registry itself tells a code: a proxy before one that is away does not.
            if answer.status_code == httpx.codes.NOT_FOUND and isinstance(told, dict):
                raise (UnknownSchemaError if "error_code" in told else RegistryError)(said)
            if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY):
                raise RefusedSchemaError(said)
            raise RegistryError(said)
        return _Answer(asked, told if isinstance(told, dict) else {})


class _Answer(dict[str, Any]):
    """The fields of an answer; one that is missing shows that this is no schema registry."""

    def __init__(self, asked: str, fields: dict[str, Any]) -> None:
        super().__init__(fields)
        self._asked = asked

    def __missing__(self, name: str) -> Any:
        raise RegistryError(f"{self._asked} does not answer like a schema registry: no {name!r}")


def registry_for(url: str, patience_s: float = PATIENCE_S) -> Registry:
    """The registry that a URL of the settings names: ``bundled:`` or one over HTTP."""
    if url == BUNDLED:
        return BundledRegistry()
    if url.startswith(("http://", "https://")):
        return HttpRegistry(url, patience_s=patience_s)
    raise ValueError(f"{url!r} is no registry: give {BUNDLED} or the URL of one over HTTP")


def _may_pass(error: BaseException) -> bool:
    """Whether trying again can help: no connection, no answer, a server in trouble."""
    return isinstance(error, httpx.TransportError | httpx.HTTPStatusError)


def _told(error: httpx.HTTPError) -> str:
    """What happened, without the URL, which may hold a password."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answers {error.response.status_code}"
    return f"{type(error).__name__} {error}".strip()
