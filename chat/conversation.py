"""What the connections want of the rest of the chat: answers, and what a session holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from chat.frames import Feedback, Regenerate, SendMessage
from chat.server_frames import Accepted, Cards, Delta, Done, History, Phase, Refused
from mangaassist.language import Language

Event = Accepted | Refused | Phase | Cards | Delta | Done
# Gives leave to answer a message: the number of its thread's last frame, or 0 if that is not known.
# None: it may not be answered.
Leave = Callable[[], Awaitable[int | None]]


@dataclass(frozen=True)
class Asked:
    """A message as a connection took it; nobody has judged it yet."""

    session: str
    frame: SendMessage | Regenerate
    language: Language

    @property
    def of(self) -> str:
        return self.frame.id


class Conversation(Protocol):
    """Each method may take its time, but none may block the event loop."""

    def reply(self, asked: Asked, stop: asyncio.Event, leave: Leave) -> AsyncIterator[Event]:
        """The answer: either Refused alone, or Accepted, phases, cards and deltas, and Done.

        Until there is leave nothing is changed or said and no answer bought; what it needs may be
        looked up. When there is none, there is no event.

        A message that has been answered before yields its Done alone; one that somebody else may
        be answering yields Accepted, and their Done if it comes. When `stop` is set, Done comes
        soon, with the part that there is. The caller gives up after 26.5 s.
        """

    async def settled(self, session: str, of: str, n: int) -> None:
        """Hears that Done was published as frame n, and that no others came since the message.

        Raises nothing.
        """

    async def broken_off(self, session: str, of: str, text: str, language: Language) -> Done:
        """Stores the part of an answer that nobody goes on writing, and says so.

        language: for a message of which nothing is stored. Several processes may call it for one.
        """

    async def history(self, session: str, before: int | None) -> History:
        """The latest turns before a number, or of all; n is left to the caller."""

    async def clear(self, session: str) -> None:
        """Deletes all that is stored of the session."""

    async def feedback(self, session: str, feedback: Feedback) -> None:
        """Stores what the shopper thinks of an answer."""

    async def close(self) -> None:
        """Returns when nothing is left to do in the background; the process may end then."""
