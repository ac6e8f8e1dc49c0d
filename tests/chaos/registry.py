"""A schema registry that can be away: the ids of `ids.lock` over Confluent's API, and a switch."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from schemas.registry import BundledRegistry, UnknownSchemaError
from stack.ports import HOST


class SwitchedRegistry:
    """A server on a thread; a context manager. `away`: it hangs up on whoever asks."""

    def __init__(self) -> None:
        known = BundledRegistry()
        self.away = threading.Event()
        self.refused = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                number = int(self.path.rpartition("/")[2])
                self._answer(lambda: {"schema": known.schema_of(number)})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                subject = unquote(self.path.split("/")[2])
                self._answer(
                    lambda: {"id": known.id_of(subject, body["schema"]), "subject": subject}
                )

            def _answer(self, ask: object) -> None:
                if outer.away.is_set():
                    outer.refused += 1
                    self.close_connection = True
                    return
                assert callable(ask)
                try:
                    status, told = 200, ask()
                except UnknownSchemaError as error:
                    status, told = 404, {"error_code": 40403, "message": str(error)}
                text = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:
                """Every worker asks at its start."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
