"""All stand-ins in one process: one HTTP port for Twilio, Zendesk, FCM and the pages, one SMTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.ports import HOST
from stack.standins.credentials import LOCAL, Credentials
from stack.standins.faults import Faults, Misbehaviour
from stack.standins.fcm import Fcm
from stack.standins.mail import serve_mail
from stack.standins.pages import page_routes, write_pages
from stack.standins.received import Received
from stack.standins.twilio import Twilio
from stack.standins.zendesk import Zendesk


def application(
    folder: Path, smtp_port: int, host: str = HOST, credentials: Credentials = LOCAL
) -> Starlette:
    """The HTTP side; while it runs, SMTP is served too (on `host`).

    `folder` keeps what was received, and gets its pages when the application ends.
    """
    received, faults = Received(folder), Faults()
    zendesk = Zendesk(received, faults, credentials)
    twilio = Twilio(received, faults, credentials)
    fcm = Fcm(received, faults, credentials)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        mail = await serve_mail(host, smtp_port, received, faults)
        try:
            yield
        finally:
            mail.close()
            write_pages(received, folder)

    async def show_received(request: Request) -> Response:
        if request.method == "DELETE":
            received.forget()
            zendesk.forget()
        return JSONResponse(received.as_json())

    async def control(request: Request) -> Response:
        if request.method == "DELETE":
            target = request.query_params.get("target")
            faults.clear() if target is None else faults.relent(target)
        elif request.method == "POST":
            try:
                faults.add(Misbehaviour.model_validate_json(await request.body()))
            except ValidationError as error:
                return JSONResponse(json.loads(error.json()), 422)
        return JSONResponse(faults.in_force())

    return Starlette(
        routes=[
            *page_routes(received),
            Route("/_received", show_received, methods=["GET", "DELETE"]),
            Route("/_control", control, methods=["GET", "POST", "DELETE"]),
            *zendesk.routes(),
            *twilio.routes(),
            *fcm.routes(),
        ],
        lifespan=lifespan,
    )
