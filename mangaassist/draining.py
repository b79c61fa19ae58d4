"""What a web process finishes before its server stops: SIGTERM comes here first.

Uvicorn closes WebSockets as soon as it hears the signal, also those with half an answer.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

import structlog

PATIENCE = 29.0  # seconds; a chat's answer takes at most 28

Drain = Callable[[], Awaitable[None]]
drains: list[Drain] = []  # each is called once

log = structlog.get_logger(__name__)


class Draining:
    """Holds SIGTERM back from the server until everything is drained; a second one is not held."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._servers: Any = None

    def install(self) -> None:
        """For the main thread, after the server has set its own handler."""
        self._servers = signal.signal(signal.SIGTERM, self._hear)

    @property
    def has_begun(self) -> bool:
        return self._task is not None

    async def finish(self) -> None:
        """Drains, unless that has been done. Takes no longer than PATIENCE."""
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        await self._task

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._task is not None:
            self._servers(number, frame)
            return
        self._loop.call_soon_threadsafe(self._begin, number)

    def _begin(self, number: int) -> None:
        finishing = asyncio.ensure_future(self.finish())
        finishing.add_done_callback(lambda _: self._servers(number, None))

    async def _drain(self) -> None:
        await asyncio.gather(*(_try(drain) for drain in drains))


async def _try(drain: Drain) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await drain()
    except Exception:
        log.exception("not_drained")
