"""What a client sees that sends too much, over a socket to a real uvicorn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from mangaassist.body_limit import BodyLimit, Message, Receive, Scope, Send
from tests.mangaassist.server import Server, read_answer, request, serving

MOST, UPLOAD_MOST = 1000, 3000


@dataclass
class Echo:
    """An application that answers with the number of bytes it got, as Django does: read, then act.

    bodies: their lengths, None for one that was cut off; life: events of the server's life.
    """

    bodies: list[int | None] = field(default_factory=list)
    life: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        length = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.bodies.append(None)
                return
            length += len(message["body"])
            more = message["more_body"]
        self.bodies.append(length)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(length).encode()})

    async def _live(self, receive: Receive, send: Send) -> None:
        for event in ("startup", "shutdown"):
            await receive()
            self.life.append(event)
            await send({"type": f"lifespan.{event}.complete"})


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


ECHO = Echo()


@pytest.fixture(scope="module")
def running_server() -> Iterator[Server]:
    with serving(BodyLimit(ECHO, MOST, {"/upload/": UPLOAD_MOST}), lifespan="on") as server:
        yield server


@pytest.fixture
def server(running_server: Server) -> Server:
    ECHO.bodies.clear()
    return running_server


def test_a_body_of_exactly_the_limit_passes(server: Server) -> None:
    head = f"POST / HTTP/1.1\nContent-Length: {MOST}"
    assert server.answer(head, b"x" * MOST).body == b"%d" % MOST


def test_a_longer_body_is_refused_before_it_is_sent(server: Server) -> None:
    answer = server.answer(f"POST / HTTP/1.1\nContent-Length: {MOST + 1}")
    assert (answer.status, answer.problem["code"]) == (413, "request_too_large")
    assert f"{MOST}" in answer.problem["detail"]
    assert ECHO.bodies == []


def test_a_client_that_sends_all_before_it_reads_gets_the_answer(server: Server) -> None:
    length = 20_000_000
    answer = server.answer(f"POST / HTTP/1.1\nContent-Length: {length}", bytes(length))
    assert answer.status == 413


def test_a_chunked_body_of_exactly_the_limit_passes(server: Server) -> None:
    body = chunk(b"x" * (MOST - 1)) + chunk(b"x") + chunk(b"")
    answer = server.answer("POST / HTTP/1.1\nTransfer-Encoding: chunked", body)
    assert answer.body == b"%d" % MOST


def test_a_chunked_body_is_cut_off_at_the_limit(server: Server) -> None:
    body = chunk(b"x" * MOST) + chunk(b"x")  # It has no end: the answer comes without one.
    answer = server.answer("POST / HTTP/1.1\nTransfer-Encoding: chunked", body)
    assert (answer.status, answer.problem["code"]) == (413, "request_too_large")
    assert ECHO.bodies == [None]


def test_a_chunked_body_that_ends_over_the_limit_is_answered_once(server: Server) -> None:
    body = chunk(b"x" * (MOST + 1)) + chunk(b"")
    answer = server.answer("POST / HTTP/1.1\nTransfer-Encoding: chunked", body)
    assert answer.status == 413


def test_uploads_may_be_larger(server: Server) -> None:
    head = f"POST /upload/ HTTP/1.1\nContent-Length: {UPLOAD_MOST}"
    assert server.answer(head, b"x" * UPLOAD_MOST).status == 200


@pytest.mark.parametrize("line", ["PUT /upload/", "POST /up/"])
def test_only_posts_to_the_path_of_uploads_may_be_larger(server: Server, line: str) -> None:
    assert server.answer(f"{line} HTTP/1.1\nContent-Length: {UPLOAD_MOST}").status == 413


@pytest.mark.parametrize("encoding", ["gzip", "br, identity", "GZIP"])
def test_an_encoded_body_is_refused(server: Server, encoding: str) -> None:
    head = f"POST / HTTP/1.1\nContent-Length: 5\nContent-Encoding: {encoding}"
    answer = server.answer(head, b"\x1f\x8b123")
    assert (answer.status, answer.problem["code"]) == (415, "encoded_request")


def test_identity_is_no_encoding(server: Server) -> None:
    head = "POST / HTTP/1.1\nContent-Length: 1\nContent-Encoding: Identity"
    assert server.answer(head, b"x").status == 200


@pytest.mark.parametrize(
    ("accepted", "language"), [("", "ja"), ("en-GB, ja;q=0.5", "en"), ("fr, ja", "ja")]
)
def test_the_refusal_is_in_the_language_that_the_client_accepts(
    server: Server, accepted: str, language: str
) -> None:
    head = f"POST / HTTP/1.1\nContent-Length: {MOST + 1}\nAccept-Language: {accepted}"
    answer = server.answer(head)
    assert answer.headers["content-language"] == language
    assert answer.problem["detail"].isascii() == (language == "en")


def test_a_client_that_asks_first_is_refused_without_being_told_to_go_on(server: Server) -> None:
    head = f"POST / HTTP/1.1\nContent-Length: {MOST + 1}\nExpect: 100-continue"
    with server.connect() as connection:
        connection.sendall(request(head))
        assert read_answer(connection).status == 413


def test_the_life_of_the_server_passes_through(server: Server) -> None:
    assert server.answer("GET / HTTP/1.1").status == 200
    assert ECHO.life == ["startup"]


def test_a_web_socket_passes_through() -> None:
    async def connect() -> list[str]:
        passed: list[str] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            passed.append((await receive())["type"])

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            raise AssertionError(message)

        await BodyLimit(app, 0, {})({"type": "websocket", "headers": []}, receive, send)
        return passed

    assert asyncio.run(connect()) == ["websocket.connect"]


@pytest.mark.parametrize("lengths", [["5", "6"], ["-1"], ["5x"], [""]])
def test_a_length_that_is_no_number_is_refused(lengths: list[str]) -> None:
    """Other servers than uvicorn let such headers through."""

    async def refused() -> int:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"content-length", length.encode()) for length in lengths]
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        await BodyLimit(Echo(), MOST, {})(scope, receive, send)
        return int(sent[0]["status"])

    assert asyncio.run(refused()) == 400
