"""One connection to Redis for all that a process says: what is said at the same time goes together.

A reply says several words a second and hundreds of replies run, so each word costs as little as it
can: no connection of its own, no timer of its own.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from mangaassist.rates import TIMEOUT, Breaker

MOST = 512  # commands that go together; a slow one among them fails no more than these
REST = 2.0  # seconds without Redis after errors; running replies keep their leases meanwhile

Words = tuple[str | float, ...]  # of one command


class Wire:
    """Opens its connection with the first command, and another one after an error."""

    def __init__(self, url: str) -> None:
        self._pool: Any = ConnectionPool.from_url(  # partly untyped in redis-py
            url, decode_responses=True, protocol=2, retry=Retry(NoBackoff(), 0)
        )
        self._connection: AbstractConnection | None = None
        self._waiting: list[tuple[Words, asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None
        self._breaker = Breaker("chat threads", open_for=REST)

    async def say(self, *words: str | float) -> Any:
        """The answer to one command; None when Redis refuses it, is gone, or silent for 0.2 s.

        Commands are carried out in the order in which they were said. Raises NoScriptError.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((words, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._talk(), name="chat-wire")
        return await answer

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect()

    async def _talk(self) -> None:
        while self._waiting:
            said, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            answers = await self._answers([words for words, _ in said])
            for (_, future), answer in zip(said, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        self._task = None

    async def _answers(self, said: list[Words]) -> list[Any]:
        """What `say` returns or raises for each; an exchange that fails counts as one error."""
        if not self._breaker.closed():
            return [None] * len(said)
        try:
            answers = await self._exchange(said)
        except (RedisError, OSError) as error:
            self._breaker.failed(error)
            return [None] * len(said)
        except Exception as error:  # noqa: BLE001 - whoever said something must hear of it
            return [error] * len(said)
        refusals = [answer for answer in answers if _refuses(answer)]
        if refusals:
            self._breaker.failed(refusals[0])
        else:
            self._breaker.succeeded()
        return [None if _refuses(answer) else answer for answer in answers]

    async def _exchange(self, said: list[Words]) -> list[Any]:
        """The answers in order; a command that Redis refuses has its error instead."""
        if self._connection is None:
            self._connection = self._pool.make_connection()
        connection = self._connection
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._pool.ensure_connection(connection)
                await connection.send_packed_command(connection.pack_commands(said), False)
                return [await _answer(connection) for _ in said]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response(timeout=math.inf)
    except ResponseError as refusal:
        return refusal


def _refuses(answer: Any) -> bool:
    """Whether it is an error; a Redis that was started again answers, but knows no script."""
    return isinstance(answer, ResponseError) and not isinstance(answer, NoScriptError)
