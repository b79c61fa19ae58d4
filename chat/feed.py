"""What one connection has seen of its thread: each frame once and in order, gaps from the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from chat.conversation import Conversation
from chat.frames import LARGEST_NUMBER
from chat.server_frames import History
from chat.thread import Tail, ThreadLog


class Feed:
    """Puts the frames of a session's log into an outbox.

    cursor: number of the last frame that was put.
    """

    def __init__(self, thread: ThreadLog, session: str, put: Callable[[str], None]) -> None:
        self._thread = thread
        self._session = session
        self._put = put
        self.cursor = 0
        self._held = True  # until it has begun
        self._again = False
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> int:
        """Starts behind the last frame of the log and returns its number, 0 without one."""
        async with self._hold():
            tail = await self._thread.read(self._session, LARGEST_NUMBER)
            self.cursor = tail.n if tail else 0
            return self.cursor

    def deliver(self, n: int, text: str) -> None:
        """A live frame. Those before it come from the log."""
        if n <= self.cursor and not self._held:
            return
        next_one = n == self.cursor + 1 or not self.cursor  # Without a cursor the log was empty.
        if self._task is None and not self._held and next_one:
            self.cursor = n
            self._put(text)
        else:
            self.catch_up()

    def catch_up(self) -> None:
        """Reads the log behind the cursor, in the background."""
        self._again = True
        if self._task is None and not self._held:
            self._task = asyncio.create_task(self._catch_up())

    async def resume(self, after: int) -> bool:
        """Goes on behind a frame; false when the log does not reach back to it."""
        async with self._hold():
            tail = await self._thread.read(self._session, after)
            if tail is None or not tail.complete:
                return False
            self.cursor = after
            self._follow(tail)
            return True

    async def start_over(self, conversation: Conversation, after: int) -> History:
        """Puts the history, goes on behind what is in it, and returns it.

        after: the last frame that the page knows, 0 for none. If the session was cleared since, it
        is told so first.
        """
        async with self._hold():
            tail = await self._thread.read(self._session, 0)
            history = await conversation.history(self._session, None)
            if tail is None:
                self._put(history.encoded())
                return history
            if after and (clearing := tail.clearing(after)):
                self._put(clearing)
            self.cursor = tail.before_unanswered()
            self._put(replace(history, n=self.cursor).encoded())
            self._follow(tail)
            return history

    def _follow(self, tail: Tail) -> None:
        for n, text in tail.frames:
            if n > self.cursor:
                self._put(text)
        self.cursor = max(self.cursor, tail.n)

    @asynccontextmanager
    async def _hold(self) -> AsyncIterator[None]:
        """Keeps live frames back; those that come meanwhile are read from the log afterwards."""
        if self._task is not None:
            await asyncio.wait([self._task])
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._again:
                self.catch_up()

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _catch_up(self) -> None:
        try:
            while self._again:
                self._again = False
                tail = await self._thread.read(self._session, self.cursor)
                if tail is not None:
                    self._follow(tail)
        finally:
            self._task = None
