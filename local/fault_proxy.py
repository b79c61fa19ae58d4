"""A proxy before an HTTP service that fails on demand, for all calls or for one AWS operation.

It runs in a thread of its own, so that whoever made it changes its faults while others call it.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")

CHUNK = 65_536  # bytes
CONTENT_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
TARGET = re.compile(rb"^x-amz-target: *[^\r\n.]*\.(\w+)", re.IGNORECASE | re.MULTILINE)


class Fault(Enum):
    """How calls fail. A value with a status line is answered, without asking the service."""

    REFUSE = "refuse"  # nobody listens
    RESET = "reset"  # the connection breaks
    HANG = "hang"  # the connection stays open and silent, also after the fault is lifted
    SERVER_ERROR = "500 Internal Server Error InternalFailure"
    UNAVAILABLE = "503 Service Unavailable ServiceUnavailable"
    DENIED = "403 Forbidden AccessDeniedException"
    THROTTLED = "400 Bad Request RequestThrottled"

    @property
    def answer(self) -> bytes | None:
        """The whole HTTP answer in AWS's JSON protocol, or None."""
        status, _, code = self.value.rpartition(" ")
        if not status:
            return None
        body = f'{{"__type":"com.amazonaws#{code}","message":"The fault proxy says so."}}'
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return f"{head}{body}".encode()


@dataclass(frozen=True)
class Rule:
    """A fault, for one operation or for all."""

    fault: Fault
    operation: str | None

    def hits(self, operation: str | None) -> bool:
        return self.operation in (None, operation)


@dataclass(eq=False)
class Link:
    """A client's connection, the call it made last, and its connection to the service."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    operation: str | None = None
    silent: bool = False
    upstream: asyncio.StreamWriter | None = None
    serving: asyncio.Task[None] | None = None
    answers: asyncio.Task[None] | None = None

    def close(self) -> None:
        self.writer.transport.abort()
        if self.upstream is not None:
            self.upstream.transport.abort()
        if self.answers is not None:
            self.answers.cancel()


class FaultProxy:
    """Passes calls on to 127.0.0.1:upstream until it is told to fail.

    calls: how many calls of each operation (X-Amz-Target) have come. The Host header is passed on
    unchanged, since signatures cover it.
    """

    def __init__(self, upstream: int, port: int = 0) -> None:
        """Does not listen yet. port: 0 for a free one."""
        self.port = port
        self.calls: Counter[str] = Counter()
        self._upstream = upstream
        self._rule: Rule | None = None
        self._latency = 0.0
        self._links: set[Link] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="fault-proxy", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        self._run(self._listen())

    def stop(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def fail(self, fault: Fault, operation: str | None = None) -> None:
        """Lets calls fail from now on, open ones included. REFUSE knows no operation."""
        self._run(self._fail(Rule(fault, operation)))

    def heal(self) -> None:
        """Passes calls on again. Connections that hang stay silent."""
        self._run(self._heal())

    def slow(self, seconds: float) -> None:
        """Holds each call back for so long before passing it on."""
        self._latency = seconds

    def __enter__(self) -> FaultProxy:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _fail(self, rule: Rule) -> None:
        self._rule = rule
        if rule.fault is Fault.REFUSE:
            await self._stop_listening()
        for link in self._links:
            if rule.hits(link.operation):
                _break(link, rule.fault)

    async def _heal(self) -> None:
        self._rule = None
        if self._server is None:
            await self._listen()

    async def _close(self) -> None:
        await self._stop_listening()
        # A connection that was just accepted becomes a link, and closes, in the next rounds.
        for _ in range(3):
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            for link in tuple(self._links):
                link.close()
            await asyncio.sleep(0.01)

    async def _stop_listening(self) -> None:
        """Accepts no more, then closes: closed in between, asyncio would lose the connection."""
        if self._server is None:
            return
        server, self._server = self._server, None
        for listening in server.sockets:
            self._loop.remove_reader(listening)
        await asyncio.sleep(0.01)
        server.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(reader, writer)
        self._links.add(link)
        link.serving = self._loop.create_task(self._serve(link))

    async def _serve(self, link: Link) -> None:
        try:
            # Cancelled by the end of the proxy; asyncio would report that as an error.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    await self._call(link)
        finally:
            self._links.discard(link)
            link.close()

    async def _call(self, link: Link) -> None:
        """Handles one call; HTTP/1.1 clients wait for its answer before they make the next."""
        head, body = await _request(link.reader)
        link.operation = _operation(head)
        self.calls[link.operation or ""] += 1
        await asyncio.sleep(self._latency)
        rule = self._rule
        if rule is not None and rule.hits(link.operation):
            await _fail_call(link, rule.fault)
        else:
            upstream = link.upstream or await self._connect(link)
            upstream.write(head + body)
            await upstream.drain()

    async def _connect(self, link: Link) -> asyncio.StreamWriter:
        answers, link.upstream = await asyncio.open_connection("127.0.0.1", self._upstream)
        link.answers = asyncio.create_task(_pass_answers(answers, link))
        return link.upstream


async def _pass_answers(answers: asyncio.StreamReader, link: Link) -> None:
    with suppress(OSError):
        while data := await answers.read(CHUNK):
            if not link.silent:
                link.writer.write(data)
                await link.writer.drain()
    if not link.silent:
        link.writer.close()


async def _fail_call(link: Link, fault: Fault) -> None:
    if fault.answer is None:
        _break(link, fault)
        await link.reader.read()  # Until the client gives up.
        raise ConnectionResetError
    link.writer.write(fault.answer)
    await link.writer.drain()


def _break(link: Link, fault: Fault) -> None:
    if fault is Fault.HANG:
        link.silent = True
    else:
        link.writer.transport.abort()


async def _request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """One HTTP request: its head with the empty line, and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = CONTENT_LENGTH.search(head)
    return head, await reader.readexactly(int(length[1])) if length else b""


def _operation(head: bytes) -> str | None:
    target = TARGET.search(head)
    return target[1].decode() if target else None
