"""What was received, as pages: served while the stand-ins run, written as files when they end."""

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from stack.standins.received import Entry, Kind, Received
from stack.standins.times import iso

_TITLES: dict[Kind, str] = {
    "mails": "Mails",
    "sms": "SMS",
    "tickets": "Tickets",
    "pushes": "Pushes",
    "refused": "Refused",
}
_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "mails": ("date", "to", "subject", "text"),
    "sms": ("received_at", "to", "from", "body"),
    "tickets": ("id", "external_id", "status", "priority", "subject", "due_at", "tags"),
    "pushes": ("received_at", "token", "fid", "notification", "data"),
    "refused": ("received_at", "target", "reason"),
}
_INDEX: Kind = "mails"
_SHOWN_AT_MOST = 1000
_template = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
).get_template("pages.html.j2")


def page(received: Received, kind: Kind, *, live: bool) -> str:
    """One kind's page.  `live`: links are paths of the server, else names of files."""
    return _template.render(
        name=kind,
        title=_TITLES[kind],
        pages=[
            {"name": each, "title": title, "count": len(received.all(each))}
            for each, title in _TITLES.items()
        ],
        link=lambda name: f"/{name}" if live else f"{name}.html",
        columns=[*(name.replace("_", " ") for name in _COLUMNS[kind]), ""],
        rows=[_row(kind, entry) for entry in reversed(received.all(kind)[-_SHOWN_AT_MOST:])],
        live=live,
    )


def _row(kind: Kind, entry: Entry) -> dict[str, object]:
    return {
        "cells": [_cell(name, entry.get(name)) for name in _COLUMNS[kind]],
        "whole": json.dumps(entry, indent=2, ensure_ascii=False),
    }


def _cell(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case int() if name == "received_at":
            return iso(value)
        case list():
            return ", ".join(str(each) for each in value)
        case dict():
            return ", ".join(f"{key}: {each}" for key, each in value.items())
    return str(value)


def write_pages(received: Received, folder: Path) -> None:
    """Write every page into `folder`; `index.html` is where to start."""
    for kind in _TITLES:
        (folder / f"{kind}.html").write_text(page(received, kind, live=False))
    (folder / "index.html").write_text(page(received, _INDEX, live=False))


def page_routes(received: Received) -> list[Route]:
    """`/` and one page for each kind."""

    def serve(kind: Kind) -> Route:
        async def show(request: Request) -> Response:
            return HTMLResponse(page(received, kind, live=True))

        return Route(f"/{kind}", show)

    async def index(request: Request) -> Response:
        return HTMLResponse(page(received, _INDEX, live=True))

    return [Route("/", index), *(serve(kind) for kind in _TITLES)]
