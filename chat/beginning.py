"""How the answer to a message begins: it is stored, and what was said before it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from chat.answers import NO_HISTORY, Done, Draft
from chat.prompts import Past
from chat.threads import in_time
from mangaassist.deadline import Deadline
from mangaassist.errors import classify

BEGINNING = 2.0  # seconds for both

log = structlog.get_logger(__name__)

Told = Callable[[Past], None]


@dataclass(frozen=True)
class Begun:
    """A message in its session.

    done: how it ended if it was answered before; age: seconds since it was asked, when another
    process began to answer it and has died or is not known to live; else 0.
    """

    turn: int
    past: Past
    done: Done | None = None
    age: float = 0.0


class Store(Protocol):
    """Where one message and its answer are kept. All of it blocks and may raise anything."""

    def begin(self, text: str, told: Told) -> Begun:
        """Stores the message, once, and reads what was said before it.

        told: called with the latter before the message is stored, if it is a new one.
        """

    def find(self) -> Done | None:
        """How another process has ended it meanwhile."""

    def save(self, done: Done) -> Done:
        """Keeps the answer, or that it is deferred, and sees to what follows from it.

        Returns what is kept: what another process answered if that was first.
        """


class Beginning:
    """Both steps of one message.

    deadline: of its answer, and after the end less the message's age, of which the seconds beyond
    `oldest` do not count.
    """

    def __init__(
        self, store: Store, text: str, draft: Draft, deadline: Deadline, oldest: float
    ) -> None:
        self.store = store
        self.deadline = deadline
        self._oldest = oldest
        self._text = text
        self._draft = draft
        self._past: asyncio.Future[Past] = asyncio.get_running_loop().create_future()
        self._storing = asyncio.create_task(self._store())

    async def past(self) -> Past | None:
        """What was said before; None where that is not known before the message is stored."""
        await asyncio.wait((self._storing, self._past), return_when=asyncio.FIRST_COMPLETED)
        return self._past.result() if self._past.done() else None

    async def end(self) -> Begun:
        """Returns when the message is stored or cannot be."""
        begun = await self._storing
        self.deadline = self.deadline.before(min(begun.age, self._oldest))
        return begun

    def cancel(self) -> None:
        self._storing.cancel()

    async def _store(self) -> Begun:
        """Without the store the message is answered all the same.

        It is as if it were the first, unless what was said before is known.
        """
        try:
            within = self.deadline.within(BEGINNING)
            return await in_time(lambda: self.store.begin(self._text, self._told), within)
        except Exception as error:
            log.exception("message_not_stored", code=code_of(error))
            if not self._past.done():
                self._draft.notices.append(NO_HISTORY)
            return Begun(0, Past())

    def _told(self, past: Past) -> None:
        """Called from a thread, and again when another message came first."""
        self._past.get_loop().call_soon_threadsafe(self._know, past)

    def _know(self, past: Past) -> None:
        if not self._past.done():
            self._past.set_result(past)


def code_of(error: Exception) -> str:
    """A short name of what went wrong, for counters."""
    return "timeout" if isinstance(error, TimeoutError) else classify(error).code
