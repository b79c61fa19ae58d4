"""One connection to Redis for all that a process says: nobody waits for the answers to others.

A reply says several words a second and hundreds of replies run, so each word costs as little as it
can: no connection, no task and no timer of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from redis.exceptions import InvalidResponse, NoScriptError, ResponseError

from chat.redis_line import Line, connecting, packed
from mangaassist.rates import TIMEOUT, Breaker

MOST = 512  # commands on their way; a slow one among them fails no more than these
REST = 2.0  # seconds without Redis after errors; running replies keep their leases meanwhile
GRACE = 0.02  # of a command's 0.2 s, which Redis has even if this process was late itself

Answer = asyncio.Future[Any]


class Wire:
    """Opens its connection with the first command, and another one after an error."""

    def __init__(self, url: str) -> None:
        self._connect = connecting(url)
        self._exchange: _Exchange | None = None
        self._waiting: deque[tuple[bytes, Answer]] = deque()  # for room in the exchange
        self._breaker = Breaker("chat threads", open_for=REST)

    async def say(self, *words: str | float) -> Any:
        """The answer to one command; None when Redis refuses it, is gone, or silent for 0.2 s.

        Commands are carried out in the order in which they were said. Raises NoScriptError.
        """
        command = packed(*words)
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        self._send()
        return await answer

    def close(self) -> None:
        """Ends the connection; what is on its way is answered by None."""
        if self._exchange is not None:
            self._exchange.end()

    def _send(self) -> None:
        while self._waiting and (self._exchange is None or self._exchange.has_room):
            command, answer = self._waiting.popleft()
            if not self._breaker.closed():
                _settle(answer, None)
                continue
            if self._exchange is None:
                self._exchange = _Exchange(self._connect(), self._heard, self._lost)
            self._exchange.carry(command, answer)

    def _heard(self, refusal: ResponseError | None) -> None:
        if refusal is None:
            self._breaker.succeeded()
        else:
            self._breaker.failed(refusal)
        self._send()

    def _lost(self, error: Exception | None) -> None:
        self._exchange = None
        if error is not None:
            self._breaker.failed(error)
        self._send()


class _Exchange(Line):
    """Commands that are on their way on one connection, and their answers in the same order.

    heard: called after answers, with a refusal if one was among them; lost: called once at the
    end, with the error unless nobody waited for an answer.
    """

    def __init__(
        self,
        connection: Any,
        heard: Callable[[ResponseError | None], None],
        lost: Callable[[Exception | None], None],
    ) -> None:
        super().__init__(connection)
        self._heard = heard
        self._lost = lost
        self._flying: deque[tuple[Answer, float]] = deque()  # and when Redis is too late
        self._doubted: Answer | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def has_room(self) -> bool:
        return len(self._flying) < MOST

    def carry(self, command: bytes, answer: Answer) -> None:
        self._flying.append((answer, self._loop.time() + TIMEOUT - GRACE))
        if self._timer is None:
            self._timer = self._loop.call_later(TIMEOUT - GRACE, self._look)
        self.send(command)

    def hear(self, answers: list[Any]) -> None:
        if len(answers) > len(self._flying):
            self.end(InvalidResponse("Redis says what nobody asked."))
            return
        refusal = None
        for said in answers:
            answer, _ = self._flying.popleft()
            if isinstance(said, ResponseError) and not isinstance(said, NoScriptError):
                refusal, said = said, None
            _settle(answer, said)
        self._heard(refusal)

    def ended(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for answer, _ in self._flying:
            _settle(answer, None)
        self._lost(error if self._flying else None)

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


def _settle(answer: Answer, said: Any) -> None:
    """Answers, unless whoever asked has gone."""
    if answer.done():
        return
    if isinstance(said, Exception):
        answer.set_exception(said)
    else:
        answer.set_result(said)
