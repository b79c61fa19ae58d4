"""One point in time by which everything about an answer must be over."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """So many seconds from now; every step asks what is left instead of having its own time."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock() + seconds

    def left(self) -> float:
        """Seconds until then, never below 0."""
        return max(0.0, self._at - self._clock())

    def within(self, seconds: float) -> float:
        """What a step may take that would like so many seconds."""
        return min(seconds, self.left())

    def before(self, seconds: float) -> Deadline:
        """The deadline of a step after which so many seconds must be left."""
        return Deadline(self.left() - seconds, self._clock)
