"""One snapshot a second for all viewers of this process, taken only while somebody looks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta

import structlog
from django.db import connections
from django.utils import timezone

from dashboard import snapshot
from dashboard.boards import BOARDS, View
from dashboard.events import Event, event
from dashboard.snapshot import Snapshot
from mangaassist import draining

EVERY = 1.0  # seconds
FRESH = timedelta(seconds=EVERY)

log = structlog.get_logger(__name__)


class Live:
    """The snapshots of one process."""

    def __init__(self) -> None:
        self._newest: Snapshot | None = None
        self._number = 0
        self._events: Mapping[View, Event] = {}  # of this number
        self._viewers: Counter[View] = Counter()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._taking = asyncio.Lock()
        self._ended = False

    async def watch(self, view: View) -> AsyncGenerator[bytes]:
        """An event for every snapshot from now on, until the process is drained."""
        self._viewers[view] += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="dashboard")
        seen = 0
        try:
            while not self._ended:
                news = self._news
                await news.wait()
                if view in self._events:
                    newest = self._events[view]
                    yield newest.after(seen)
                    seen = newest.number
        finally:
            self._viewers[view] -= 1

    async def now(self) -> Snapshot:
        """The newest one; a new one when that is older than a second. Raises DatabaseError."""
        async with self._taking:
            if self._newest is None or timezone.now() - self._newest.at > FRESH:
                found, _ = await asyncio.to_thread(self._next, [])
                self._newest = found
            return self._newest

    async def close(self) -> None:
        """Lets every viewer go; pages connect again, to another process."""
        self._ended = True
        self._tell()

    async def _run(self) -> None:
        try:
            while not self._ended and self._viewers.total():
                try:
                    views = [view for view, viewers in self._viewers.items() if viewers]
                    async with self._taking:
                        self._newest, events = await asyncio.to_thread(self._next, views)
                    self._number, self._events = self._number + 1, events
                    self._tell()
                except Exception:
                    log.exception("snapshot_not_taken")
                await asyncio.sleep(EVERY)
        finally:
            self._task = None

    def _next(self, views: list[View]) -> tuple[Snapshot, dict[View, Event]]:
        """In a thread of its own, since it asks the database.

        Each board is read once, and drawn once in each language that somebody reads it in.
        """
        try:
            found = snapshot.take()
            read = {name: BOARDS[name].read(found) for name in {name for name, _ in views}}
            html = {(name, each): BOARDS[name].html(read[name], each) for name, each in views}
        finally:
            connections.close_all()
        number, before = self._number + 1, self._events
        return found, {view: event(number, text, before.get(view)) for view, text in html.items()}

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


_lives: dict[asyncio.AbstractEventLoop, Live] = {}


def live() -> Live:
    """The one of the running loop, which a web process has one of."""
    loop = asyncio.get_running_loop()
    if loop not in _lives:
        _lives[loop] = Live()
        draining.drains.append(_lives[loop].close)
    return _lives[loop]
