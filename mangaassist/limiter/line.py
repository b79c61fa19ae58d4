"""Where the threads of a process wait for their turn, in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """Only the first of a line asks, so that hundreds of threads do not poll."""

    def __init__(self) -> None:
        self._turns: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def place(self, patience: float) -> Iterator[bool]:
        """Waits to be the first, and leaves the line with the block.

        patience: seconds. Yields whether it is the first; False when that took too long.
        """
        turn = threading.Event()
        with self._lock:
            self._turns.append(turn)
            self._turns[0].set()
        try:
            yield turn.wait(patience)
        finally:
            with self._lock:
                self._turns.remove(turn)
                if self._turns:
                    self._turns[0].set()
