"""Lets an async generator run while nobody reads it yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """Keeps what the generator yields until it is read."""

    def __init__(self, events: AsyncGenerator[T]) -> None:
        self._events = events
        self._waiting: asyncio.Queue[T | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    async def read(self) -> AsyncGenerator[T]:
        """Yields and raises what the generator does."""
        while (event := await self._waiting.get()) is not None:
            yield event
        await self._task

    async def close(self) -> None:
        """Returns when the generator is closed, wherever it was."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            async with aclosing(self._events) as events:
                async for event in events:
                    self._waiting.put_nowait(event)
        finally:
            self._waiting.put_nowait(None)
