"""Notices when a thread falls silent before a message in it has its final frame."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Set

import structlog

from chat.thread import kind_of

SILENT = 5.0  # seconds without a frame
OVER = 28.0  # seconds in which a message gets its final frame, if anybody can tell

log = structlog.get_logger(__name__)


class Silence:
    """Hears what one page is sent of its thread, and asks after answers that fall silent.

    ask: called with the messages that have no final frame, whenever SILENT seconds pass without a
    word; it may raise anything. over: called when one has none though its time is over.
    """

    def __init__(self, ask: Callable[[Set[str]], Awaitable[None]], over: Callable[[], None]):
        self._ask = ask
        self._over = over
        self._loop = asyncio.get_running_loop()
        self._heard_at = 0.0
        self._open: dict[str, float] = {}  # messages, and when their time is over
        self._task: asyncio.Task[None] | None = None

    def hear(self, text: str) -> None:
        """A frame as JSON."""
        self._heard_at = self._loop.time()
        kind = kind_of(text)
        if kind == "accepted":
            self._open[json.loads(text)["of"]] = self._heard_at + OVER
            if self._task is None:
                self._task = self._loop.create_task(self._wait())
        elif kind == "done":
            self._open.pop(json.loads(text)["of"], None)
        elif kind == "cleared":
            self._open.clear()

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _wait(self) -> None:
        try:
            while self._open:
                if pause := max(0.0, self._heard_at + SILENT - self._loop.time()):
                    await asyncio.sleep(pause)
                else:
                    await self._ask_now()
        finally:
            self._task = None

    async def _ask_now(self) -> None:
        try:
            await self._ask(self._open.keys())
        except Exception:
            log.exception("chat_silence_not_asked_after")
        self._heard_at = now = self._loop.time()
        over = [of for of, at in self._open.items() if at <= now]
        for of in over:
            del self._open[of]
        if over:
            self._over()
