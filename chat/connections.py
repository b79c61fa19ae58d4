"""The chat of this process: what all its connections share, and how it ends."""

from __future__ import annotations

import asyncio
import random
from typing import Protocol

from django.conf import settings

from chat.conversation import Conversation
from chat.hub import Hub, Member
from chat.limits import bucket
from chat.running import Running
from chat.thread import ThreadLog
from mangaassist.rates import LocalBuckets

SPREAD = 3.0  # seconds over which pages come back after a deploy


class Connection(Member, Protocol):
    session: str

    async def end(self, reason: str, retry_after: float) -> None:
        """Says why, and closes the connection."""


class Connections:
    """Made once for each process; opens nothing before the first connection."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.thread = ThreadLog(settings.REDIS_URL)
        self.hub = Hub(settings.REDIS_URL)
        self.running = Running(self.thread, self.hub, conversation)
        self._rate = bucket(settings.CHAT_RATE)
        self._rates_here = LocalBuckets(self._rate)
        self.draining = False
        self._open: set[Connection] = set()

    async def enter(self, connection: Connection) -> None:
        self._open.add(connection)
        await self.hub.join(connection.session, connection)

    async def leave(self, connection: Connection) -> None:
        self._open.discard(connection)
        self.hub.leave(connection.session, connection)

    def pause_here(self, session: str) -> float:
        """Seconds until a visitor may ask as far as this process knows, which charges it."""
        return self._rates_here.take(session, 1.0)

    async def pause(self, session: str, here: float) -> float:
        """Seconds until a visitor may ask, 0.0 when it may now and was charged.

        here: as `pause_here` has it; without Redis each process holds the rate by itself.
        """
        wait = await self.thread.take(session, self._rate)
        return here if wait is None else wait

    async def drain(self) -> None:
        """Ends every connection, those of running replies after their final frames."""
        self.draining = True
        busy = self.running.sessions()
        await self._end([each for each in self._open if each.session not in busy])
        await self.running.wait()
        await self._end(list(self._open))
        self.running.close()
        await self.hub.close()
        self.thread.close()
        await self.conversation.close()

    async def _end(self, connections: list[Connection]) -> None:
        await asyncio.gather(
            *(each.end("deploy", SPREAD * random.random()) for each in connections),
            return_exceptions=True,
        )
