"""A web server on this machine that keeps what it was sent, for tests of what calls others."""

import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answering = Callable[[BaseHTTPRequestHandler, bytes], None]


class Stub:
    """Listens until `close`. `seen` has path, headers and body of each POST, before it is answered."""

    def __init__(self, answering: Answering, context: ssl.SSLContext | None = None) -> None:
        seen: list[tuple[str, dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                seen.append((self.path, dict(self.headers), body))
                answering(self, body)

            def log_message(self, *_: Any) -> None:
                pass

        self.seen = seen
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port: int = self.server.server_address[1]
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"ok") -> None:
    """Answer with that."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
