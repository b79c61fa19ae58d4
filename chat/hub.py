"""Who of this process hears which session: frames and stops that any process publishes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from chat.redis_line import Line, connecting, packed
from chat.thread import STOP, channel_of, number_of
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

    def __init__(self, url: str) -> None:
        self._connect = connecting(url)
        self._members: defaultdict[str, set[Member]] = defaultdict(set)
        self._confirmed: dict[str, asyncio.Event] = {}
        self._subscription: _Subscription | None = None
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
            self._say("SUBSCRIBE", channel)
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

    def leave(self, session: str, member: Member) -> None:
        self._members[session].discard(member)
        if not self._members[session]:
            del self._members[session]
            self._confirmed.pop(channel_of(session), None)
            self._say("UNSUBSCRIBE", channel_of(session))

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

    def _say(self, word: str, channel: str) -> None:
        """Subscribes or unsubscribes now, or with all others when Redis is back."""
        if self._subscription is not None:
            self._subscription.send(packed(word, channel))

    async def _run(self) -> None:
        while True:
            subscription = self._subscription = _Subscription(self._connect(), self._hear)
            subscription.send(packed("SUBSCRIBE", NOBODY, *self._confirmed))
            try:
                error = await subscription.listen()
                log.warning("chat_hub_lost_redis", error=type(error).__name__)
            finally:
                self._subscription = None
                subscription.end()
                for confirmed in self._confirmed.values():
                    confirmed.clear()
            await asyncio.sleep(PAUSE)

    def _hear(self, kind: str, channel: str, data: Any) -> None:
        session = channel.partition(":")[2]
        if kind == "subscribe" and channel == NOBODY:
            self._all_missed()
        elif kind == "subscribe" and channel in self._confirmed:
            self._confirmed[channel].set()
        elif kind == "message" and data.startswith(STOP):
            self.stop(session, data.removeprefix(STOP))
        elif kind == "message":
            self.deliver(session, number_of(data), data)

    def _all_missed(self) -> None:
        for session in list(self._members):
            self.missed(session)


class _Subscription(Line):
    """A subscribed connection.

    told: called with what Redis says of a channel: the kind, the channel, and a text or a number.
    """

    def __init__(self, connection: Any, told: Callable[[str, str, Any], None]) -> None:
        super().__init__(connection)
        self._told = told
        self._quiet_at = self._loop.time() + QUIET
        self._is_asked = False
        self._over: asyncio.Future[Exception | None] = self._loop.create_future()

    async def listen(self) -> Exception | None:
        """Returns why Redis is gone. When it is quiet it is asked whether it is there."""
        while not self._over.done():
            await asyncio.wait([self._over], timeout=self._quiet_at - self._loop.time())
            if self._loop.time() < self._quiet_at:
                continue
            if self._is_asked:
                self.end(TimeoutError("Redis does not answer a ping."))
            else:
                self._is_asked = True
                self._quiet_at = self._loop.time() + QUIET
                self.send(packed("PING"))
        return self._over.result()

    def hear(self, answers: list[Any]) -> None:
        self._is_asked = False
        self._quiet_at = self._loop.time() + QUIET
        for said in answers:
            match said:
                case Exception():
                    self.end(said)
                case [kind, channel, data]:
                    self._told(kind, channel, data)

    def ended(self, error: Exception | None) -> None:
        self._over.set_result(error)
