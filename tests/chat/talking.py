"""A small conversation for tests of the connections: its messages say how they are answered."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from chat.conversation import Asked, Event, Leave
from chat.frames import Feedback, SendMessage
from chat.server_frames import Accepted, Delta, Done, History, Phase, Refused
from mangaassist.language import Language


class Talk:
    """Answers in as many deltas as the message says: `3` three, `3 wait` pauses after each.

    `refuse`, `fail` and `silent` do what they say; `slow` takes 10 ms for each; `huge` ones have
    8,000 characters, and the final text is short.
    """

    def __init__(self) -> None:
        self.go = threading.Event()  # lets those that wait go on
        self.prepared: list[str] = []  # ids of those that were begun, allowed or not
        self.asked: list[str] = []  # messages for which a reply was begun
        self.turns: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.feedbacks: list[Feedback] = []

    async def reply(self, asked: Asked, stop: asyncio.Event, leave: Leave) -> AsyncIterator[Event]:
        self.prepared.append(asked.of)
        if await leave() is None:
            return
        message = asked.frame.message if isinstance(asked.frame, SendMessage) else "1"
        self.asked.append(message)
        if message == "refuse":
            yield Refused("empty", "空です", {}, asked.of)
            return
        self.turns[asked.session].append({"role": "user", "text": message, "id": asked.of})
        yield Accepted(asked.of, len(self.turns[asked.session]), message)
        yield Phase(asked.of, "writing")
        if message == "fail":
            raise RuntimeError("The test wants this.")
        if message == "silent":
            return
        text = ""
        for number in range(int(message.split()[0])):
            piece = "長" * 8_000 if "huge" in message else f"{number}、"
            text += piece
            yield Delta(asked.of, piece)
            await asyncio.sleep(0.01 if "slow" in message else 0.002 * ("huge" in message))
            while "wait" in message and not self.go.is_set() and not stop.is_set():
                await asyncio.sleep(0.005)
            if stop.is_set():
                yield Done(asked.of, "stopped", text)
                return
        text = "以上" if "huge" in message else text
        answer = {"role": "assistant", "text": text, "id": asked.of, "state": "complete"}
        self.turns[asked.session].append(answer)
        yield Done(asked.of, "complete", text)

    async def settled(self, session: str, of: str, n: int) -> None:
        """Nothing: its turns are in memory anyway."""

    async def broken_off(self, session: str, of: str, text: str, language: Language) -> Done:
        return Done(of, "incomplete" if text else "failed", text)

    async def history(self, session: str, before: int | None) -> History:
        return History(self.turns[session][: before and before - 1], more=False)

    async def clear(self, session: str) -> None:
        self.turns.pop(session, None)

    async def feedback(self, session: str, feedback: Feedback) -> None:
        self.feedbacks.append(feedback)

    async def close(self) -> None:
        """Nothing: it does nothing in the background."""
