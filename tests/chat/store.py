"""A store of one message in memory, which may fail or hang as a test wants."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from chat.answers import Done
from chat.beginning import Begun
from chat.conversation import Leave
from chat.prompts import Past
from chat.reply import Asked, Event, reply
from chat.trying import Delta

Mood = Literal["well", "raises", "hangs"]
released = threading.Event()  # ends all that hangs
KNOWN = 7  # the number of the last frame of what is known


async def at_once() -> int:
    """Leave to answer; what is known of the session holds."""
    return KNOWN


class Broken(Exception):
    """What a broken store raises."""


@dataclass
class Memory:
    """moods: of read and save; the rest is what happened."""

    moods: tuple[Mood, Mood] = ("well", "well")
    past: Past = field(default_factory=Past)
    answered: Done | None = None
    elsewhere: Done | None = None  # kept by another process while the message is answered
    age: float = 0.0
    asked: list[str] = field(default_factory=list)
    saved: list[Done] = field(default_factory=list)
    recalled: Past | None = None  # known without reading, as of frame KNOWN
    is_told: bool = False  # even of a message that turns out to be answered
    reading: Callable[[], None] = lambda: None  # what happens while the session is read
    storing: Callable[[], None] = lambda: None  # what happens while the message is stored

    def knows(self) -> bool:
        return self.recalled is not None

    def recall(self, n: int) -> Past | None:
        return self.recalled if n == KNOWN else None

    def read(self) -> Past | None:
        _behave(self.moods[0])
        self.reading()
        return self.past if self.is_told or not (self.age or self.answered) else None

    def begin(self, text: str) -> Begun:
        self.storing()
        self.asked.append(text)
        return Begun(7, self.past, self.answered, self.age)

    def find(self) -> Done | None:
        _behave(self.moods[1])
        return self.elsewhere

    def save(self, done: Done) -> Done:
        _behave(self.moods[1])
        self.saved.append(done)
        return self.elsewhere or done


def _behave(mood: Mood) -> None:
    if mood == "raises":
        raise Broken(mood)
    if mood == "hangs":
        released.wait(30)


async def listen(
    text: str, store: Memory | None = None, *, stop_at: type | None = None, language: str = "ja",
    leave: Leave = at_once,
) -> list[Event]:  # fmt: skip
    """All events of one message; stop_at: the event at which the shopper stops."""
    stopped, events = asyncio.Event(), []
    async with aclosing(reply(Asked(text, language), store or Memory(), stopped, leave)) as heard:
        async for event in heard:
            events.append(event)
            if stop_at and isinstance(event, stop_at):
                stopped.set()
    return events


def ask(text: str, store: Memory | None = None, **options: object) -> list[Event]:
    return asyncio.run(listen(text, store, **options))  # type: ignore[arg-type]


def done(events: list[Event]) -> Done:
    """The one end, which is the last event."""
    ends = [event for event in events if isinstance(event, Done)]
    assert ends == events[-1:]
    return ends[0]


def said(events: list[Event]) -> str:
    """The text as a page has put it together."""
    return "".join(event.text for event in events if isinstance(event, Delta))
