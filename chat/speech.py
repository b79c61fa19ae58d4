"""What one reply says: published in order, in the background; the model waits for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from chat.conversation import Event

MOST = 32  # frames that are published at once

log = structlog.get_logger(__name__)


class Speech:
    """Frames that come while others are on their way go together.

    publish: publishes frames and says whether anybody wants them; unwanted: called when not.
    """

    def __init__(
        self, publish: Callable[[Sequence[Event]], Awaitable[bool]], unwanted: Callable[[], None]
    ) -> None:
        self._publish = publish
        self._unwanted = unwanted
        self._waiting: list[Event] = []
        self._task: asyncio.Task[None] | None = None

    def say(self, event: Event) -> None:
        self._waiting.append(event)
        if self._task is None:
            self._task = asyncio.create_task(self._speak())

    async def end(self) -> None:
        """Returns when all is published."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _speak(self) -> None:
        try:
            while self._waiting:
                events, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                if not await self._publish(events):
                    self._unwanted()
        except Exception:
            log.exception("chat_frames_not_published")
        finally:
            self._task = None
