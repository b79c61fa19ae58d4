"""One connection to Redis for all that a process says: nobody waits for the answers to others.

A reply says several words a second and hundreds of replies run, so each word costs as little as it
can: no connection, no task and no timer of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from hiredis import Reader, pack_command
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import InvalidResponse, NoScriptError, RedisError, ResponseError

from mangaassist.rates import TIMEOUT, Breaker

MOST = 512  # commands on their way; a slow one among them fails no more than these
REST = 2.0  # seconds without Redis after errors; running replies keep their leases meanwhile
GRACE = 0.02  # of a command's 0.2 s, which Redis has even if this process was late itself
UNFINISHED = object()  # stands for an answer of which a part is still to come

Answer = asyncio.Future[Any]


class Wire:
    """Opens its connection with the first command, and another one after an error."""

    def __init__(self, url: str) -> None:
        self._pool: Any = ConnectionPool.from_url(url, protocol=2, retry=Retry(NoBackoff(), 0))
        self._line: _Line | None = None
        self._waiting: deque[tuple[bytes, Answer]] = deque()  # for room on the line
        self._breaker = Breaker("chat threads", open_for=REST)

    async def say(self, *words: str | float) -> Any:
        """The answer to one command; None when Redis refuses it, is gone, or silent for 0.2 s.

        Commands are carried out in the order in which they were said. Raises NoScriptError.
        """
        packed = pack_command(words)  # type: ignore[arg-type]  # Its type has a single word.
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting.append((packed, answer))
        self._send()
        return await answer

    def close(self) -> None:
        """Ends the connection; what is on its way is answered by None."""
        if self._line is not None:
            self._line.end(None)

    def _send(self) -> None:
        while self._waiting and (self._line is None or self._line.has_room):
            packed, answer = self._waiting.popleft()
            if not self._breaker.closed():
                _settle(answer, None)
                continue
            if self._line is None:
                self._line = _Line(self._pool.make_connection(), self._heard, self._lost)
            self._line.carry(packed, answer)

    def _heard(self, refusal: ResponseError | None) -> None:
        if refusal is None:
            self._breaker.succeeded()
        else:
            self._breaker.failed(refusal)
        self._send()

    def _lost(self, error: Exception | None) -> None:
        self._line = None
        if error is not None:
            self._breaker.failed(error)
        self._send()


class _Line(asyncio.Protocol):
    """One connection: commands that are on their way, and their answers in the same order.

    heard: called after answers, with a refusal if one was among them; lost: called once at the
    end, with the error unless nobody waited for an answer.
    """

    def __init__(
        self,
        connection: Any,  # partly untyped in redis-py
        heard: Callable[[ResponseError | None], None],
        lost: Callable[[Exception | None], None],
    ) -> None:
        self._connection = connection
        self._heard = heard
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._reader = Reader(InvalidResponse, _error, "utf-8", "strict", UNFINISHED)
        self._transport: asyncio.WriteTransport | None = None
        self._unsent: list[bytes] = []
        self._flying: deque[tuple[Answer, float]] = deque()  # and when Redis is too late
        self._doubted: Answer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._opening = self._loop.create_task(self._open(), name="chat-wire")

    @property
    def has_room(self) -> bool:
        return len(self._flying) < MOST

    def carry(self, packed: bytes, answer: Answer) -> None:
        """Sends a command; those of one turn of the loop go together."""
        self._flying.append((answer, self._loop.time() + TIMEOUT - GRACE))
        if self._timer is None:
            self._timer = self._loop.call_later(TIMEOUT - GRACE, self._look)
        if not self._unsent and self._transport is not None:
            self._loop.call_soon(self._write)
        self._unsent.append(packed)

    def data_received(self, data: bytes) -> None:
        before = len(self._flying)
        refusal = None
        try:
            self._reader.feed(data)
            while (said := self._next()) is not UNFINISHED:
                answer, _ = self._flying.popleft()
                if isinstance(said, ResponseError) and not isinstance(said, NoScriptError):
                    refusal, said = said, None
                _settle(answer, said)
        except (InvalidResponse, IndexError) as error:  # Redis says what nobody asked.
            self.end(error)
        else:
            if len(self._flying) < before:
                self._heard(refusal)

    def connection_lost(self, error: Exception | None) -> None:
        self.end(error or ConnectionResetError("Redis closed the connection."))

    def end(self, error: Exception | None) -> None:
        """Answers what is on its way by None; whatever Redis says later, nobody hears."""
        if self._is_over:
            return
        self._is_over = True
        self._opening.cancel()
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._connection._close()
        for answer, _ in self._flying:
            _settle(answer, None)
        self._lost(error if self._flying else None)

    async def _open(self) -> None:
        """Lets redis-py connect, and then takes the connection from it."""
        try:
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
        """One answer, or what was wrong with it."""
        try:
            return self._reader.gets()
        except UnicodeDecodeError as error:
            return error

    def _look(self) -> None:
        """Ends the connection when the oldest command has waited for its answer too long."""
        self._timer = None
        if not self._flying:
            return
        oldest, late = self._flying[0]
        if late > self._loop.time():
            self._timer = self._loop.call_at(late, self._look)
        elif oldest is self._doubted:
            self.end(TimeoutError("Redis is silent."))
        else:
            self._doubted = oldest
            self._timer = self._loop.call_later(GRACE, self._look)


def _error(text: str) -> ResponseError:
    """What Redis says instead of an answer; one that was started again knows no script."""
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)


def _settle(answer: Answer, said: Any) -> None:
    """Answers, unless whoever asked has gone."""
    if answer.done():
        return
    if isinstance(said, Exception):
        answer.set_exception(said)
    else:
        answer.set_result(said)
