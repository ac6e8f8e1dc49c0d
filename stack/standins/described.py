"""A vendor's description, ready to check requests and answers with (openapi-core)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.contrib.starlette import StarletteOpenAPIRequest, StarletteOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from starlette.requests import Request
from starlette.responses import Response

_FOLDER = Path(__file__).with_name("descriptions")


class Described:
    """One vendor's protocol.  `name`: `zendesk`, `twilio` or `fcm`."""

    def __init__(self, name: str) -> None:
        document = json.loads((_FOLDER / f"{name}.json").read_text())
        _answer_here(document)
        # An unknown key in a request is a misreading of ours, whatever the vendor does with it.
        self._requests = OpenAPI.from_dict(
            document, config=Config(additional_properties_default_policy="forbid")
        )
        self._answers = OpenAPI.from_dict(document)

    async def refusal(self, request: Request) -> str | None:
        """Why the description does not allow this request; None if it does."""
        try:
            self._requests.validate_request(StarletteOpenAPIRequest(request, await request.body()))
        except OpenAPIError as error:
            return _reason(error)
        return None

    async def answer_refusal(self, request: Request, answer: Response) -> str | None:
        """Why the description does not allow this answer to the request; None if it does."""
        try:
            self._answers.validate_response(
                StarletteOpenAPIRequest(request, await request.body()),
                StarletteOpenAPIResponse(answer),
            )
        except OpenAPIError as error:
            return _reason(error)
        return None


def _answer_here(document: dict[str, Any]) -> None:
    for node in _objects(document):
        if "servers" in node:
            # A loopback address matches none of the vendor's servers.
            node["servers"] = [{"url": "/"}]
        if str(node.get("name", "")).startswith("DateSent") and "schema" in node:
            # Twilio's own text and examples give YYYY-MM-DD.
            node["schema"].pop("format", None)
        if node.get("format") == "uri" and "readOnly" not in node:
            # Twilio's own examples of these are relative.
            del node["format"]
    document.setdefault("servers", [{"url": "/"}])
    components = document.get("components", {})
    if components.get("parameters", {}).pop("DualPaginationPage", None):
        # openapi-core cannot read Zendesk's "integer or object" and would refuse every list.
        for node in _objects(document):
            if isinstance(listed := node.get("parameters"), list):
                node["parameters"] = [
                    each
                    for each in listed
                    if each.get("$ref") != "#/components/parameters/DualPaginationPage"
                ]


def _objects(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def _reason(error: BaseException) -> str:
    """The error and what it came from, down to the schema's own messages."""
    parts = [str(error)]
    cause = error.__cause__
    while cause is not None:
        parts.append(str(cause))
        parts += [each.message for each in getattr(cause, "schema_errors", ())]
        cause = cause.__cause__
    return "; ".join(dict.fromkeys(parts))
