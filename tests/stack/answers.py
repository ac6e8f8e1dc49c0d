"""Holds a stand-in's answer against the vendor's description."""

import asyncio
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response

from stack.standins.described import Described


def assert_as_described(vendor: str, answer: httpx.Response) -> None:
    asked = answer.request
    scope: dict[str, Any] = {
        "type": "http",
        "method": asked.method,
        "scheme": "http",
        "path": asked.url.path,
        "raw_path": asked.url.raw_path,
        "query_string": asked.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in asked.headers.raw],
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": asked.content, "more_body": False}

    shown = Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])
    refusal = asyncio.run(Described(vendor).answer_refusal(Request(scope, receive), shown))
    assert refusal is None, refusal
