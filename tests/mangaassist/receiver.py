"""A webhook that keeps what was posted to it, and a mail server that is not there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from local import ports


class Webhook(ThreadingHTTPServer):
    """Keeps what was posted, and answers with `status`."""

    status = 200
    refused = "nothing"  # answered with 400 whenever it is part of what is posted
    endless = False  # whether its answers begin and never end

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received: list[tuple[Message, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    @property
    def posted(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.received]


class Receiver(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers, body))
        refused = self.server.refused.encode() in body
        self.send_response(400 if refused else self.server.status)
        self.end_headers()
        try:
            while self.server.endless:
                self.wfile.write(b".")
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def webhook(settings: Any) -> Iterator[Webhook]:
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.NOTIFY_WEBHOOK_URL = server.url
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def no_mail_server(settings: Any) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = ports.free()
