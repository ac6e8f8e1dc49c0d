"""`/metrics`, `/live`, `/ready` and a worker's `/tables`, from a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from streams.kafka.exits import ExitCode, Stop

_PLAIN = "text/plain; charset=utf-8"


def serve(
    port: int,
    registry: CollectorRegistry,
    live: Callable[[], bool],
    ready: Callable[[], bool],
    tables: Callable[[], bytes] | None = None,
) -> Callable[[], None]:
    """Serves until the answer is called. Restoring is alive, not ready: 200 or 503.

    tables: what `/tables` answers, see `streams.kafka.digest`; 503 where it cannot be said now.
    """

    def page(path: str) -> tuple[bool, str, bytes]:
        if path == "/metrics":
            return True, CONTENT_TYPE_LATEST, generate_latest(registry)
        if path == "/tables" and tables is not None:
            try:
                return True, "application/json", tables()
            except TimeoutError as error:
                return False, _PLAIN, f"no answer in time: {error}".encode()
        good = {"/live": live, "/ready": ready}[path]()
        return good, _PLAIN, str(good).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                good, kind, body = page(self.path)
            except KeyError:
                self.send_error(404)
                return
            with suppress(ConnectionError):  # who has asked may be gone by now
                self.send_response(200 if good else 503)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A scrape every few seconds is no news."""

    try:
        server = ThreadingHTTPServer(("", port), Handler)
    except OSError as error:
        raise Stop(ExitCode.SETTINGS, f"SX_METRICS_PORT={port}: {error.strerror}") from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server.shutdown
