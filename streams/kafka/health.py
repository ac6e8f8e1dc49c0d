"""`/metrics`, `/live` and `/ready`, from a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from streams.kafka.exits import ExitCode, Stop


def serve(
    port: int, registry: CollectorRegistry, live: Callable[[], bool], ready: Callable[[], bool]
) -> Callable[[], None]:
    """Serves until the answer is called. Restoring is alive, not ready: 200 or 503."""
    checks: dict[str, Callable[[], bool]] = {
        "/live": live,
        "/ready": ready,
        "/metrics": lambda: True,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in checks:
                self.send_error(404)
                return
            good = checks[self.path]()
            body = generate_latest(registry) if self.path == "/metrics" else str(good).encode()
            self.send_response(200 if good else 503)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
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
