"""One snapshot a second for all viewers of this process, taken only while somebody looks."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import connections
from django.utils import timezone

from dashboard import snapshot
from dashboard.boards import BOARDS, View
from dashboard.snapshot import Snapshot
from mangaassist import draining

EVERY = 1.0  # seconds
FRESH = timedelta(seconds=EVERY)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Shown:
    """A snapshot as its viewers get it. events: what the streams of each page send."""

    snapshot: Snapshot
    events: Mapping[View, bytes]


class Live:
    """The snapshots of one process."""

    def __init__(self) -> None:
        self.newest: Shown | None = None
        self._viewers: Counter[View] = Counter()
        self._version = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._taking = asyncio.Lock()
        self._ended = False

    async def watch(self, view: View) -> AsyncGenerator[Shown]:
        """Every snapshot from now on, until the process is drained."""
        self._viewers[view] += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="dashboard")
        try:
            while not self._ended:
                news = self._news
                await news.wait()
                if self.newest is not None and view in self.newest.events:
                    yield self.newest
        finally:
            self._viewers[view] -= 1

    async def now(self) -> Shown:
        """The newest one; a new one when that is older than a second. Raises DatabaseError."""
        async with self._taking:
            if self.newest is None or timezone.now() - self.newest.snapshot.at > FRESH:
                self.newest = await asyncio.to_thread(self._take)
            return self.newest

    async def close(self) -> None:
        """Lets every viewer go; pages connect again, to another process."""
        self._ended = True
        self._tell()

    async def _run(self) -> None:
        try:
            while not self._ended and self._viewers.total():
                try:
                    async with self._taking:
                        self.newest = await asyncio.to_thread(self._take)
                    self._tell()
                except Exception:
                    log.exception("snapshot_not_taken")
                await asyncio.sleep(EVERY)
        finally:
            self._task = None

    def _take(self) -> Shown:
        """In a thread of its own, since it asks the database."""
        self._version += 1
        try:
            found = snapshot.take()
            html = _drawn(found, [view for view, viewers in self._viewers.items() if viewers])
        finally:
            connections.close_all()
        return Shown(found, {each: _event(self._version, text) for each, text in html.items()})

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def _drawn(found: Snapshot, views: list[View]) -> dict[View, str]:
    """Each board is read once, and drawn once in each language that somebody reads it in."""
    read = {name: BOARDS[name].read(found) for name in {name for name, _ in views}}
    return {(name, language): BOARDS[name].html(read[name], language) for name, language in views}


def _event(number: int, html: str) -> bytes:
    data = json.dumps({"html": html}, ensure_ascii=False)
    return f"id: {number}\nevent: snapshot\ndata: {data}\n\n".encode()


_lives: dict[asyncio.AbstractEventLoop, Live] = {}


def live() -> Live:
    """The one of the running loop, which a web process has one of."""
    loop = asyncio.get_running_loop()
    if loop not in _lives:
        _lives[loop] = Live()
        draining.drains.append(_lives[loop].close)
    return _lives[loop]
