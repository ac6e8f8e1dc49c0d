"""Firebase Cloud Messaging, HTTP v1: send one push.

From the vendor's prose, as its description has none of it: `message` is required and has exactly
one target; a device that is gone is a 404 with `UNREGISTERED`.
"""

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.standins.credentials import Credentials
from stack.standins.described import Described
from stack.standins.faults import Fault, Faults
from stack.standins.received import Received

_TARGETS = ("token", "fid", "topic", "condition")
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"}
_STATUS |= {404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_ERROR_CODE = {400: "INVALID_ARGUMENT", 404: "UNREGISTERED", 429: "QUOTA_EXCEEDED"}
_ERROR_CODE |= {500: "INTERNAL", 503: "UNAVAILABLE"}


class Fcm:
    """The stand-in's handlers."""

    def __init__(self, received: Received, faults: Faults, credentials: Credentials) -> None:
        self._received = received
        self._faults = faults
        self._project = credentials.push_project
        self._authorization = credentials.push_authorization
        self._described = Described("fcm")

    def routes(self) -> list[Route]:
        """The one operation that we call."""
        return [Route("/v1/projects/{project}/messages:send", self._handle, methods=["POST"])]

    async def _handle(self, request: Request) -> Response:
        return await self._faults.answer("push", lambda: self._send(request), _fault)

    async def _send(self, request: Request) -> Response:
        if request.headers.get("authorization") != self._authorization:
            return self._refuse(request, 401, "invalid authentication credentials")
        if request.path_params["project"] != self._project:
            return self._refuse(request, 403, "no permission for this project")
        if reason := await self._described.refusal(request):
            return self._refuse(request, 400, reason)
        sent: dict[str, Any] = await request.json()
        message = sent.get("message") or {}
        targets = [name for name in _TARGETS if message.get(name)]
        if len(targets) != 1:
            return self._refuse(
                request, 400, f"message must have exactly one of {', '.join(_TARGETS)}"
            )
        if message[targets[0]] in self._faults.unregistered:
            return self._refuse(request, 404, "Requested entity was not found.")
        name = f"projects/{self._project}/messages/0:{uuid.uuid4().hex}"
        if not sent.get("validateOnly"):
            self._received.keep("pushes", {"name": name, **message})
        return JSONResponse({"name": name})

    def _refuse(self, request: Request, status: int, reason: str) -> Response:
        line = f"{request.method} {request.url.path}: {status} {reason}"
        self._received.keep("refused", {"target": "push", "reason": line})
        return _error(status, reason)


def _error(status: int, reason: str, headers: dict[str, str] | None = None) -> JSONResponse:
    error: dict[str, Any] = {
        "code": status,
        "message": reason,
        "status": _STATUS.get(status, "UNKNOWN"),
    }
    if status in _ERROR_CODE:
        error["details"] = [{"@type": _FCM_ERROR, "errorCode": _ERROR_CODE[status]}]
    return JSONResponse({"error": error}, status, headers)


def _fault(fault: Fault, status: int) -> Response:
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    return _error(status, "a fault that was asked for", headers)
