"""Replies that this process writes: one task each, which no closed connection ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial

import structlog

from chat.answering import SECONDS, Answering
from chat.conversation import Asked, Conversation, Event, Leave
from chat.hub import Hub, Member
from chat.limits import Places
from chat.server_frames import Cleared, Done, Refused, ServerFrame, numbered
from chat.thread import LEASE, Claim, Part, ThreadLog
from mangaassist.language import Language
from mangaassist.messages import Texts

LAST_WORDS = 1.0  # seconds to store what an answer broke off with
WATCH_EVERY = 0.5  # seconds

BROKEN_OFF = Texts(
    "回答を最後まで作成できませんでした。もう一度お試しください。",
    "The answer could not be finished. Try again.",
)

UNKNOWN = Claim(0, False, 0)  # what can be claimed without Redis

May = Callable[[], Awaitable[bool]]

log = structlog.get_logger(__name__)


async def always() -> bool:
    """Lets a message be answered that was let through before."""
    return True


async def _again() -> int:
    """Leave to answer a message whose final frame is in its thread already."""
    return 0


async def _leave(claiming: asyncio.Task[Claim | None]) -> int | None:
    claim = await asyncio.shield(claiming)
    return claim.n if claim and not claim.state else None


class Running:
    """The replies of this process, and those of dead ones that its tabs wait for."""

    def __init__(self, thread: ThreadLog, hub: Hub, conversation: Conversation) -> None:
        self._thread = thread
        self._hub = hub
        self._conversation = conversation
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._places = Places()
        self._watches: dict[str, asyncio.Task[None]] = {}

    def sessions(self) -> set[str]:
        """Those with a running reply."""
        return {session for session, _ in self._tasks}

    def ask(
        self, asked: Asked, asker: Member, address: str, may: May = always, early: bool = False
    ) -> bool:
        """Begins a reply, unless this message has one; false when too many run.

        asker: hears why it is refused; address: the client's; may: whether it may be answered,
        which tells the asker itself why not; early: the reply is prepared meanwhile, at the risk
        that it may not.
        """
        key = (asked.session, asked.of)
        if key in self._tasks:
            return True
        if not self._places.take(asked.session, address):
            return False
        answering = Answering(asked, self._publish_part)
        task = asyncio.create_task(self._run(answering, asker, may, early))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._ended(key, address))
        return True

    def _ended(self, key: tuple[str, str], address: str) -> None:
        del self._tasks[key]
        self._places.give_back(key[0], address)

    async def known(self, session: str) -> set[str]:
        """Messages without a final frame; those of other processes as far as Redis knows."""
        here = {of for owner, of in self._tasks if owner == session}
        return here | (await self._thread.running(session) or {}).keys()

    async def stop(self, session: str, of: str) -> None:
        """Stops a reply wherever it runs."""
        self._hub.stop(session, of)
        await self._thread.stop(session, of)

    async def clear(self, session: str) -> None:
        """Forgets the session. Replies that still run are stopped and say nothing more."""
        for of in await self.known(session):
            await self.stop(session, of)
        await self._thread.clear(session)
        await self._conversation.clear(session)
        if await self._publish(session, [Cleared()], "other") is None:
            # Redis may be back, and no process may go on with what it knew of the session.
            await self._thread.clear(session)

    async def wait(self) -> None:
        """Returns when no reply runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    def watch(self, session: str, language: Language) -> None:
        """Ends replies of killed processes, while there are any and somebody hears the session.

        language: of the page, for what is said when nothing is known of a message.
        """
        if session not in self._watches:
            task = asyncio.create_task(self._watch(session, language))
            self._watches[session] = task
            task.add_done_callback(lambda _: self._watches.pop(session))

    def close(self) -> None:
        for task in self._watches.values():
            task.cancel()

    async def _run(self, answering: Answering, asker: Member, may: May, early: bool) -> None:
        asked = answering.asked
        structlog.contextvars.bind_contextvars(session=asked.session, of=asked.of)
        await self._hub.join(asked.session, answering)
        claiming = asyncio.create_task(self._claim(answering, may))
        try:
            leave = partial(_leave, claiming)
            if early or await leave() is not None:
                await self._write(answering, asker, leave)
            if (claim := await claiming) and claim.state:
                await self._repeat(answering, claim.state, asker)
        except Exception:
            log.exception("chat_reply_not_published")
        finally:
            self._hub.leave(asked.session, answering)

    async def _claim(self, answering: Answering, may: May) -> Claim | None:
        """Takes a message, unless it has a state already. None: it may not be answered."""
        asked = answering.asked
        # Together they are one exchange with Redis, and the shopper waits.
        claim, is_allowed = await asyncio.gather(
            self._thread.claim(asked.session, asked.of, answering.lease), may()
        )
        answering.begin(claim)
        if is_allowed:
            return claim or UNKNOWN
        if claim and not claim.state:
            await self._thread.release(asked.session, asked.of)
        return None

    async def _write(self, answering: Answering, asker: Member, leave: Leave) -> None:
        """Publishes a reply that nobody else writes; it is prepared before that is known."""
        asked = answering.asked
        renewing = asyncio.create_task(self._renew(answering))
        try:
            final = await self._answer(answering, asker, leave)
            await answering.speech.end()
            if final is not None:
                n = await self._publish(asked.session, [final], "end", asked.of)
                answering.follow(n, 1)
                if n and answering.is_alone:
                    await self._conversation.settled(asked.session, asked.of, n)
        finally:
            renewing.cancel()

    async def _repeat(self, answering: Answering, state: int, asker: Member) -> None:
        """Sends the final frame of an answered message again; a running one is heard anyway."""
        asked = answering.asked
        if state < 0:
            self.watch(asked.session, asked.language)
        elif text := await self._thread.frame(asked.session, state):
            asker.tell(text)
        elif final := await self._answer(answering, asker, _again):
            asker.tell(final.encoded())

    async def _answer(self, answering: Answering, asker: Member, leave: Leave) -> Done | None:
        """Publishes a reply up to its final frame, and returns that.

        None when it was refused, or is not ours to give.
        """
        asked = answering.asked
        try:
            async with asyncio.timeout(SECONDS):
                events = self._conversation.reply(asked, answering.stopping, leave)
                async with aclosing(events) as closing:  # type: ignore[type-var]
                    async for event in closing:
                        if isinstance(event, Done):
                            return event
                        if isinstance(event, Refused):
                            await self._thread.release(asked.session, asked.of)
                            asker.tell(event.encoded())
                            return None
                        answering.say(event)
            if await leave() is not None:
                log.error("chat_reply_without_end")
        except TimeoutError:
            log.exception("chat_reply_timed_out", seconds=SECONDS)
        except Exception:
            log.exception("chat_reply_failed")
        if await leave() is None:
            return None
        return await self._broken_off(asked.session, asked.of, answering.text, asked.language)

    async def _publish_part(self, answering: Answering, events: Sequence[Event]) -> bool:
        asked = answering.asked
        n = await self._publish(asked.session, events, "run", asked.of, answering.lease)
        answering.follow(n, len(events))
        return n != 0

    async def _publish(
        self, session: str, frames: Sequence[ServerFrame], part: Part,
        of: str = "", lease: float = LEASE,
    ) -> int | None:  # fmt: skip
        """Sends frames to all tabs; without Redis to those here, and returns None.

        Else the number of the last one; 0: nobody wants them.
        """
        encoded = [frame.encoded() for frame in frames]
        heard = self._hub.hears(session)
        last = await self._thread.append(session, encoded, part, of, heard, lease)
        if last is None and part == "end":
            # Redis may have taken it and not said so in time; it takes an end only once.
            last = await self._thread.append(session, encoded, part, of, heard, lease)
            if last == 0:
                self._hub.missed(session)
        if last is None:
            for text in encoded:
                self._hub.tell(session, text)
        elif last:
            for n, text in enumerate(encoded, last - len(encoded) + 1):
                self._hub.deliver(session, n, numbered(n, text))
        return last

    async def _renew(self, answering: Answering) -> None:
        asked = answering.asked
        while True:
            await asyncio.sleep(LEASE / 4)
            await self._thread.renew(asked.session, asked.of, answering.lease)

    async def _broken_off(self, session: str, of: str, text: str, language: Language) -> Done:
        try:
            async with asyncio.timeout(LAST_WORDS):
                return await self._conversation.broken_off(session, of, text, language)
        except Exception:
            log.exception("chat_reply_not_stored")
        state = "incomplete" if text else "failed"
        return Done(of, state, text, notice=BROKEN_OFF.text(language, {}))

    async def _watch(self, session: str, language: Language) -> None:
        while self._hub.members(session):
            running = await self._thread.running(session) or {}
            foreign = {
                of: alive for of, alive in running.items() if (session, of) not in self._tasks
            }
            for of, alive in foreign.items():
                if not alive:
                    await self._bury(session, of, language)
            if not foreign:
                return
            await asyncio.sleep(WATCH_EVERY)

    async def _bury(self, session: str, of: str, language: Language) -> None:
        """Ends the reply of a killed process with what it had published."""
        log.warning("chat_reply_abandoned", session=session, of=of)
        tail = await self._thread.read(session, 0)
        frames = [json.loads(text) for _, text in tail.frames] if tail else []
        said = "".join(
            frame["text"] for frame in frames if frame["type"] == "delta" and frame["of"] == of
        )
        final = await self._broken_off(session, of, said, language)
        await self._publish(session, [final], "end", of)
