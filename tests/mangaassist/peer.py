"""A server whose connections behave as a test says, byte by byte."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

SOON = 60.0  # seconds, also on a busy machine

Behaviour = Callable[["Client"], None]


class Client:
    """One connection of a client, as the server sees it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def read(self) -> bool:
        """Reads one request; False when the client has gone."""
        with suppress(ConnectionError):
            received = b""
            while part := self._connection.recv(65_536):
                received += part
                if received.endswith(b"\r\n\r\nask"):
                    return True
        return False

    def take(self) -> bytes:
        """Some of what the client says; nothing when it has gone."""
        with suppress(ConnectionError):
            return self._connection.recv(65_536)
        return b""

    def write(self, data: bytes) -> None:
        self._connection.sendall(data)

    def say(self, *words: bytes) -> None:
        self.write(b"".join(b"%x\r\n%s\r\n" % (len(word), word) for word in words))


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[str]:
    """A server that treats its first connections so, one after the other; its address."""

    def serve() -> None:
        for behave in behaviours:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(SOON)
                behave(Client(connection))

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        listening.settimeout(SOON)
        served = pool.submit(serve)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        served.result(SOON)
