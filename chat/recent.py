"""What this process knows of sessions without reading them: those that it answered last."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.turns import Exchange

KEPT = 600.0  # seconds; a change that could not be announced is unknown for no longer
MOST = 8_000  # exchanges of all sessions, some 30 MB


@dataclass
class _Entry:
    """n: of the final frame behind the newest exchange, 0 until it is there."""

    of: str
    exchanges: Sequence[Exchange]
    at: float
    n: int = 0


class Recent:
    """The latest exchanges of sessions, each as of one frame of its thread.

    Whatever else happens to a session, in this process or another, changes the last number of its
    thread; so what is known holds while that is the number of its frame. clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._size = 0

    def note(self, session: str, of: str, exchanges: Sequence[Exchange]) -> None:
        """Keeps exchanges, newest first, of which the newest answers the message `of`."""
        self.forget(session)
        self._entries[session] = _Entry(of, exchanges, self._clock())
        self._size += len(exchanges)
        while self._size > MOST or not self._is_fresh(next(iter(self._entries.values()))):
            self.forget(next(iter(self._entries)))

    def confirm(self, session: str, of: str, n: int) -> None:
        """Says which frame ended the answer that was noted."""
        entry = self._entries.get(session)
        if entry and entry.of == of:
            entry.n = n

    def knows(self, session: str) -> bool:
        """Whether `find` may find something."""
        entry = self._entries.get(session)
        return entry is not None and entry.n > 0 and self._is_fresh(entry)

    def find(self, session: str, n: int) -> Sequence[Exchange] | None:
        """The exchanges, newest first, if n is still their frame; else they are forgotten."""
        if self.knows(session) and self._entries[session].n == n:
            return self._entries[session].exchanges
        self.forget(session)
        return None

    def forget(self, session: str) -> None:
        if entry := self._entries.pop(session, None):
            self._size -= len(entry.exchanges)

    def _is_fresh(self, entry: _Entry) -> bool:
        return entry.at + KEPT > self._clock()
