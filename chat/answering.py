"""One running reply: what it has said, and whether anybody else spoke in its thread."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from chat.conversation import Asked, Event
from chat.server_frames import Delta
from chat.speech import Speech
from chat.thread import LEASE, Claim
from mangaassist.deadline import Deadline

SECONDS = 26.5  # for an answer; its final frame is there within 28
BELIEVED = SECONDS  # for which others believe that an answer runs; then they end it


class Answering:
    """One running reply; hears its session for somebody who wants it to stop.

    publish: publishes a part of it; false when it was cleared, or taken for dead.
    """

    def __init__(
        self, asked: Asked, publish: Callable[[Answering, Sequence[Event]], Awaitable[bool]]
    ) -> None:
        self.asked = asked
        self._time = Deadline(BELIEVED)
        self.stopping = asyncio.Event()
        self.text = ""
        self.is_alone = True  # No others' frames came since its session was read.
        self._claimed = math.inf  # number of the last frame before the message
        self._n = 0  # of the thread's last frame, 0 while there is none
        self.speech = Speech(partial(publish, self), self.stopping.set)

    @property
    def lease(self) -> float:
        """Seconds for which it is believed to run from now on."""
        return self._time.within(LEASE)

    def begin(self, claim: Claim | None) -> None:
        """Hears what Redis knew of its message, if anything."""
        self.is_alone = self.is_alone and claim is not None
        self._claimed = self._n = claim.n if claim else 0
        if claim and claim.stopped:
            self.stopping.set()

    def follow(self, n: int | None, frames: int) -> None:
        """Hears which frame is the last, now that so many of its own were published."""
        if not n or self._n not in (0, n - frames):
            self.is_alone = False
        self._n = n or 0

    def say(self, event: Event) -> None:
        if isinstance(event, Delta):
            self.text += event.text
        self.speech.say(event)

    def stop(self, of: str) -> None:
        if of == self.asked.of:
            self.stopping.set()

    def deliver(self, n: int, text: str) -> None:
        """What it says it knows; others' words may be younger than what was read."""
        if n <= self._claimed:
            self.is_alone = False

    def tell(self, text: str) -> None:
        """Nothing."""

    def missed(self) -> None:
        self.is_alone = False
