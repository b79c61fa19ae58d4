"""What clients of a stand-in get, by the bytes on the wire."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from local.serving import config

SOON = 60.0  # seconds
HEAD = b"%s /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers as the path says."""
    path = scope["path"][1:]
    length = [(b"content-length", b"5")] if path in ("whole", "head") else []
    await send({"type": "http.response.start", "status": 200, "headers": length})
    if path in ("whole", "head"):
        await send({"type": "http.response.body", "body": b"whole"})
        return
    write = scope["extensions"]["write"]["write"]
    await send({"type": "http.response.body", "body": b"one", "more_body": True})
    write(b"two")
    write(b"")  # which would end the body
    write(b"three")
    if path == "parts":
        await send({"type": "http.response.body", "body": b"four"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch:
        # The stand-ins' way of logging would stay with all tests that come later.
        patch.setattr(uvicorn.Config, "configure_logging", lambda self: None)
        server = uvicorn.Server(config(application, "127.0.0.1", 0, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), SOON) as connection:
        yield connection


def test_a_body_follows_its_head(connection: socket.socket) -> None:
    connection.sendall(HEAD % (b"GET", b"whole"))
    assert read(connection, b"whole").startswith(b"HTTP/1.1 200 OK\r\n")


def test_an_answer_of_a_head_alone_comes(connection: socket.socket) -> None:
    connection.sendall(HEAD % (b"HEAD", b"head"))
    assert b"content-length: 5" in read(connection, b"\r\n\r\n")


def test_parts_come_in_the_order_they_were_written(connection: socket.socket) -> None:
    connection.sendall(HEAD % (b"GET", b"parts"))
    body = read(connection, b"0\r\n\r\n").partition(b"\r\n\r\n")[2]
    assert body == b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n4\r\nfour\r\n0\r\n\r\n"


def test_a_connection_serves_one_request_after_the_other(connection: socket.socket) -> None:
    for path, end in ((b"parts", b"0\r\n\r\n"), (b"whole", b"whole")):
        connection.sendall(HEAD % (b"GET", path))
        assert read(connection, end)


def test_what_was_written_arrives_before_a_connection_is_cut(connection: socket.socket) -> None:
    connection.sendall(HEAD % (b"GET", b"cut"))
    assert read(connection).endswith(b"5\r\nthree\r\n")


def read(connection: socket.socket, end: bytes | None = None) -> bytes:
    """What comes until `end`, or until the server hangs up."""
    data = b""
    while end is None or not data.endswith(end):
        if not (more := connection.recv(65536)):
            assert end is None, data
            break
        data += more
    return data
