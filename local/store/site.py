"""A page of a store, at another origin than the chat in it, with the policy of a careful one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css"}
# What docs/widget.md asks of a store, and nothing else.
POLICY = "default-src 'none'; style-src 'self'; img-src data:; script-src {0}; frame-src {0}"


class Site(ThreadingHTTPServer):
    """Serves the page at localhost, which browsers take for another site than 127.0.0.1.

    chat: origin of the chat, to be set before anybody comes.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.chat = ""

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        name = {"/": "page.html", "/store.css": "store.css"}.get(self.path)
        if name is None:
            self.send_error(404)
            return
        file = HERE / name
        text = Template(file.read_text(encoding="utf-8")).safe_substitute(chat=self.server.chat)
        self.send_response(200)
        self.send_header("Content-Type", TYPES[file.suffix])
        self.send_header("Content-Security-Policy", POLICY.format(self.server.chat))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the demo's terminal is for the job."""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serves the page in a thread for the block."""
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
        thread.join()
