"""A uvicorn in a thread of the test, and what it answers over a socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import uvicorn

from mangaassist.api.documents import CONTENT_TYPE
from mangaassist.validation import FRAME_BYTES

SOON = 60.0  # seconds within which every answer is there, also on a busy machine


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == CONTENT_TYPE
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class Server:
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), SOON)

    def answer(self, head: str, body: bytes = b"") -> Answer:
        with self.connect() as connection:
            connection.sendall(request(head) + body)
            return read_answer(connection)


@contextmanager
def serving(application: Any, lifespan: Literal["on", "off"]) -> Iterator[Server]:
    config = uvicorn.Config(
        application,
        log_config=None,
        lifespan=lifespan,
        ws="websockets-sansio",
        ws_max_size=FRAME_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
    )
    running = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=running.run, args=([listening],))
        thread.start()
        try:
            yield Server(listening.getsockname()[1])
        finally:
            running.should_exit = True
            thread.join()


def request(head: str) -> bytes:
    return (head + "\nHost: localhost\n\n").replace("\n", "\r\n").encode()


def read_answer(connection: socket.socket) -> Answer:
    """Reads one answer, and that nothing comes after it if the server closes the connection."""
    with connection.makefile("rb") as file:
        status = int(file.readline().split()[1])
        headers = {}
        while line := file.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = file.read(int(file.readline(), 16))
        else:
            body = file.read(int(headers["content-length"]))
        if headers.get("connection") == "close":
            connection.shutdown(socket.SHUT_WR)
            assert not file.read()
        return Answer(status, headers, body)
