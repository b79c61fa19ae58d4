"""A way for text from one thread to one coroutine, which may be slower."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

MOST = 16_384  # characters that may lie unread; then the thread waits


class Mailbox:
    """Parts are joined while nobody reads: who reads seldom gets more at a time."""

    def __init__(self) -> None:
        """Made by the coroutine."""
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._room = threading.Condition()
        self._parts: list[str] = []
        self._held = 0
        self._closed = False

    def put(self, part: str, seconds: float) -> bool:
        """From the thread: waits so long for room; False when nobody will read it."""
        with self._room:
            self._room.wait_for(lambda: self._closed or self._held < MOST, seconds)
            if self._closed or self._held >= MOST:
                return False
            self._parts.append(part)
            self._held += len(part)
            is_first = len(self._parts) == 1
        if is_first:
            self.wake()
        return True

    def wake(self) -> None:
        """From any thread: lets `take` return, if only with nothing."""
        with suppress(RuntimeError):  # A loop that has ended has no reader.
            self._loop.call_soon_threadsafe(self._news.set)

    async def take(self, seconds: float) -> str:
        """All that has come since the last time, waiting for news. Raises TimeoutError."""
        if not self._news.is_set():
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()
        with self._room:
            parts, self._parts, self._held = self._parts, [], 0
            self._room.notify_all()
        return "".join(parts)

    def close(self) -> None:
        """Nobody reads any more."""
        with self._room:
            self._closed = True
            self._room.notify_all()
