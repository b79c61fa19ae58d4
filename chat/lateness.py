"""Late answers that nobody can announce while Redis is gone: the table has them all the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Set

import structlog

from chat.thread import kind_of

EVERY = 15.0  # seconds between looks into the table
OVER = 660.0  # seconds; after ten minutes a keeper has given the answer up

log = structlog.get_logger(__name__)


class Lateness:
    """Knows which deferred answers one page waits for.

    hears: whether Redis tells of the session here; look: called with the messages, again and again
    while it does not and once when it does again; it may raise anything.
    """

    def __init__(self, hears: Callable[[], bool], look: Callable[[Set[str]], Awaitable[None]]):
        self._hears = hears
        self._look = look
        self._loop = asyncio.get_running_loop()
        self._awaited: dict[str, float] = {}  # messages, and when their time is over
        self._task: asyncio.Task[None] | None = None

    def hear(self, text: str) -> None:
        """A frame as JSON, as the page is sent it."""
        kind = kind_of(text)
        if kind == "done" and (frame := json.loads(text))["state"] == "deferred":
            self.expect([frame["of"]])
        elif kind == "late":
            self._awaited.pop(json.loads(text)["of"], None)
        elif kind == "cleared":
            self._awaited.clear()

    def expect(self, messages: Iterable[str]) -> None:
        for of in messages:
            self._awaited[of] = self._loop.time() + OVER
        if self._awaited and self._task is None:
            self._task = self._loop.create_task(self._wait())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _wait(self) -> None:
        was_deaf = False
        try:
            while self._awaited:
                await asyncio.sleep(EVERY)
                is_deaf = not self._hears()
                if self._awaited and (is_deaf or was_deaf):
                    await self._look_now()
                was_deaf = is_deaf
                now = self._loop.time()
                self._awaited = {of: over for of, over in self._awaited.items() if over > now}
        finally:
            self._task = None

    async def _look_now(self) -> None:
        try:
            await self._look(self._awaited.keys())
        except Exception:
            log.exception("chat_late_answers_not_read")
