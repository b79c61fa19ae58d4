"""How the answer to a message begins: what was said before it is read, and it is stored."""

from __future__ import annotations

import asyncio
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
    """Where one message and its answer are kept.

    What reads or writes blocks and may raise anything.
    """

    def knows(self) -> bool:
        """Whether `recall` may know what was said before; else it is read at once."""

    def recall(self, n: int) -> Past | None:
        """What was said before the message, without reading; None if that is not known.

        n: of the last frame of the thread, 0 if it is unknown.
        """

    def read(self) -> Past | None:
        """What was said before the message; None when it is there already."""

    def begin(self, text: str) -> Begun:
        """Stores the message, once."""

    def find(self) -> Done | None:
        """How another process has ended it meanwhile."""

    def save(self, done: Done) -> Done:
        """Keeps the answer, or that it is deferred, and sees to what follows from it.

        Returns what is kept: what another process answered if that was first.
        """


class Beginning:
    """Both steps of one message: the first begins at once, the second when it is asked for.

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
        self._time = Deadline(deadline.within(BEGINNING))
        self._past: Past | None = None
        self._reading = None if store.knows() else self._read()

    async def past(self, n: int) -> Past | None:
        """What was said before; None where that is not known, or the message is there already.

        n: of the last frame of the thread, 0 if it is unknown.
        """
        if self._reading is None:
            self._past = self.store.recall(n)
            self._reading = None if self._past else self._read()
        if self._reading is not None:
            await asyncio.wait([self._reading])
        return self._past

    async def end(self) -> Begun:
        """Stores the message; returns when it is stored or cannot be."""
        begun = await self._store()
        self.deadline = self.deadline.before(min(begun.age, self._oldest))
        return begun

    def cancel(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _read(self) -> asyncio.Task[Past | None]:
        reading = asyncio.create_task(in_time(self.store.read, self._time.left()))
        reading.add_done_callback(self._heard)
        return reading

    def _heard(self, reading: asyncio.Task[Past | None]) -> None:
        if not (reading.cancelled() or reading.exception()):
            self._past = reading.result()

    async def _store(self) -> Begun:
        """Without the store the message is answered all the same.

        It is as if it were the first, unless what was said before is known.
        """
        try:
            if self._reading is not None:
                await self._reading
            return await in_time(lambda: self.store.begin(self._text), self._time.left())
        except Exception as error:
            log.exception("message_not_stored", code=code_of(error))
            if self._past is None:
                self._draft.notices.append(NO_HISTORY)
            return Begun(0, Past())


def code_of(error: Exception) -> str:
    """A short name of what went wrong, for counters."""
    return "timeout" if isinstance(error, TimeoutError) else classify(error).code
