"""A connection to Redis at little cost: redis-py opens it, hiredis packs and reads what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hiredis import Reader, pack_command
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import InvalidResponse, NoScriptError, RedisError, ResponseError

from mangaassist.rates import TIMEOUT

UNFINISHED = object()  # stands for an answer of which a part is still to come

Connect = Callable[[], Any]  # a connection of redis-py that is not open, untyped there


def connecting(url: str) -> Connect:
    """Makes connections to the Redis of a URL."""
    pool: Any = ConnectionPool.from_url(url, protocol=2, retry=Retry(NoBackoff(), 0))
    make: Connect = pool.make_connection
    return make


def packed(*words: str | float) -> bytes:
    """One command as Redis reads it. Raises TypeError or UnicodeEncodeError."""
    command: bytes = pack_command(words)  # type: ignore[arg-type]  # Its type has a single word.
    return command


class Line(asyncio.Protocol):
    """Opens at once; what is said before it is open goes then. Subclasses hear what comes.

    connection: of redis-py; the line takes it over.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._reader = Reader(InvalidResponse, _error, "utf-8", "strict", UNFINISHED)
        self._transport: asyncio.WriteTransport | None = None
        self._unsent: list[bytes] = []
        self._is_over = False
        self._opening = self._loop.create_task(self._open(), name="chat-redis")

    def send(self, command: bytes) -> None:
        """Sends a packed command; those of one turn of the loop go together."""
        if not self._unsent and self._transport is not None:
            self._loop.call_soon(self._write)
        self._unsent.append(command)

    def hear(self, answers: list[Any]) -> None:
        """Takes answers in their order; what was wrong with one stands in its place."""
        raise NotImplementedError

    def ended(self, error: Exception | None) -> None:
        """Is called once. error: None when nobody here wants the line any more."""
        raise NotImplementedError

    def end(self, error: Exception | None = None) -> None:
        """Whatever Redis says from now on, nobody hears."""
        if self._is_over:
            return
        self._is_over = True
        self._opening.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._connection._close()
        self.ended(error)

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        answers = []
        try:
            self._reader.feed(data)
            while (answer := self._next()) is not UNFINISHED:
                answers.append(answer)
        except InvalidResponse as error:
            self.end(error)
        else:
            if answers:
                self.hear(answers)

    def connection_lost(self, error: Exception | None) -> None:
        self.end(error or ConnectionResetError("Redis closed the connection."))

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._connection.connect()
        except (RedisError, OSError) as error:
            self.end(error)
            return
        transport = self._transport = self._connection._writer.transport
        transport.set_protocol(self)
        self._write()

    def _write(self) -> None:
        if self._transport is not None and not self._is_over:
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()

    def _next(self) -> Any:
        try:
            return self._reader.gets()
        except UnicodeDecodeError as error:
            return error


def _error(text: str) -> ResponseError:
    """What Redis says instead of an answer; one that was started again knows no script."""
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
