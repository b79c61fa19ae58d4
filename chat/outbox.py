"""What one connection is still to be sent: bounded, so that a slow reader costs nobody anything."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

MOST_FRAMES = 256
MOST_BYTES = 256 * 1024
STUCK = 20.0  # seconds for one frame

Send = Callable[[str], Awaitable[None]]


class Outbox:
    """Sends frames in their order. A writer exists only while there is something to send.

    send: sends one frame and returns when there is room for the next; slow: called once when the
    reader is too slow; nothing is sent or kept from then on.
    """

    def __init__(self, send: Send, slow: Callable[[], None]) -> None:
        self._send = send
        self._slow = slow
        self._waiting: deque[str] = deque()
        self._size = 0  # characters that wait, at most four bytes each
        self._loop = asyncio.get_running_loop()
        self._writer: asyncio.Task[None] | None = None
        self._began = 0.0  # when the frame that is being sent was begun
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False

    def put(self, text: str) -> None:
        if self._ended:
            return
        if self._waiting and (
            len(self._waiting) >= MOST_FRAMES or self._size + len(text) > MOST_BYTES // 4
        ):
            self._give_up()
            return
        self._waiting.append(text)
        self._size += len(text)
        if self._writer is None:
            self._began = self._loop.time()
            self._writer = self._loop.create_task(self._write())
        if self._timer is None:
            self._timer = self._loop.call_later(STUCK, self._look)

    async def flush(self) -> None:
        """Takes no more frames, and returns when all are sent or the reader is too slow."""
        writer = self._writer
        self._ended = True
        if writer is not None:
            await asyncio.wait([writer])

    def drop(self) -> None:
        """Ends without sending what waits."""
        self._ended = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._send(self._waiting[0])
                self._began = self._loop.time()
                if self._waiting:
                    self._size -= len(self._waiting.popleft())
        except OSError:
            self._ended = True  # The client is gone; its consumer hears of it by itself.
        finally:
            self._writer = None

    def _look(self) -> None:
        """Gives a reader up who has not taken a frame in time; one timer looks after all frames."""
        self._timer = None
        if self._writer is None:
            return
        late = self._began + STUCK
        if late > self._loop.time():
            self._timer = self._loop.call_at(late, self._look)
        else:
            self._give_up()

    def _give_up(self) -> None:
        self.drop()
        self._slow()
