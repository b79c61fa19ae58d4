"""Who of this process hears which session: frames and stops that any process publishes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, Protocol

import structlog
from redis.exceptions import RedisError

from chat.thread import STOP, ThreadLog, channel_of, number_of
from mangaassist.rates import TIMEOUT

PAUSE = 1.0  # seconds between tries to hear Redis again
QUIET = 10.0  # seconds without a word after which Redis is asked whether it is there
NOBODY = channel_of("")  # keeps the connection subscribed while nobody listens

log = structlog.get_logger(__name__)


class Member(Protocol):
    """Somebody who hears a session."""

    def deliver(self, n: int, text: str) -> None:
        """A frame of the log, maybe not the next one, maybe for the second time."""

    def tell(self, text: str) -> None:
        """A frame without a number."""

    def stop(self, of: str) -> None:
        """Somebody wants the reply to this message to stop."""

    def missed(self) -> None:
        """Frames may have been published that were not heard."""


class Hub:
    """Members by session, and one subscribed connection to Redis for all of them."""

    def __init__(self, thread: ThreadLog) -> None:
        self._thread = thread
        self._members: defaultdict[str, set[Member]] = defaultdict(set)
        self._confirmed: dict[str, asyncio.Event] = {}
        self._pubsub: Any = None  # untyped in redis-py
        self._task: asyncio.Task[None] | None = None

    def members(self, session: str) -> tuple[Member, ...]:
        return tuple(self._members.get(session, ()))

    async def join(self, session: str, member: Member) -> None:
        """Lets the member hear the session, from now on if Redis answers in time."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="chat-hub")
        self._members[session].add(member)
        channel = channel_of(session)
        if channel not in self._confirmed:
            self._confirmed[channel] = asyncio.Event()
            await self._say(channel, "subscribe")
        if self.hears(session):
            return
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._confirmed[channel].wait()
        except TimeoutError:
            log.info("chat_subscription_unconfirmed")

    def hears(self, session: str) -> bool:
        """Whether Redis sends what is published to the session here too."""
        confirmed = self._confirmed.get(channel_of(session))
        return confirmed is not None and confirmed.is_set()

    async def leave(self, session: str, member: Member) -> None:
        self._members[session].discard(member)
        if not self._members[session]:
            del self._members[session]
            self._confirmed.pop(channel_of(session), None)
            await self._say(channel_of(session), "unsubscribe")

    def deliver(self, session: str, n: int, text: str) -> None:
        for member in self.members(session):
            member.deliver(n, text)

    def tell(self, session: str, text: str) -> None:
        for member in self.members(session):
            member.tell(text)

    def missed(self, session: str) -> None:
        for member in self.members(session):
            member.missed()

    def stop(self, session: str, of: str) -> None:
        for member in self.members(session):
            member.stop(of)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _say(self, channel: str, word: str) -> None:
        """Subscribes or unsubscribes now, or with all others when Redis is back."""
        if self._pubsub is None:
            return
        try:
            await getattr(self._pubsub, word)(channel)
        except (RedisError, OSError) as error:
            log.warning("chat_subscription_failed", error=type(error).__name__)

    async def _run(self) -> None:
        while True:
            pubsub: Any = self._thread.redis.pubsub()
            try:
                await pubsub.subscribe(NOBODY, *self._confirmed)
                self._pubsub = pubsub
                self._all_missed()
                await self._listen(pubsub)
            except (RedisError, OSError) as error:
                log.warning("chat_hub_lost_redis", error=type(error).__name__)
            finally:
                self._pubsub = None
                for confirmed in self._confirmed.values():
                    confirmed.clear()
                await asyncio.gather(pubsub.aclose(), return_exceptions=True)
            await asyncio.sleep(PAUSE)

    def _all_missed(self) -> None:
        for session in list(self._members):
            self.missed(session)

    async def _listen(self, pubsub: Any) -> None:
        """Hands published words on until Redis is gone. Raises RedisError or OSError."""
        asked = False
        while True:
            message = await pubsub.get_message(timeout=QUIET)
            if message is None:
                if asked:
                    raise TimeoutError("Redis does not answer a ping.")
                await pubsub.ping()
            asked = message is None
            if message is not None:
                self._hear(message["type"], message["channel"], message["data"])

    def _hear(self, kind: str, channel: str, data: str) -> None:
        session = channel.partition(":")[2] if channel else ""
        if kind == "subscribe" and channel in self._confirmed:
            self._confirmed[channel].set()
        elif kind == "message" and data.startswith(STOP):
            self.stop(session, data.removeprefix(STOP))
        elif kind == "message":
            self.deliver(session, number_of(data), data)
