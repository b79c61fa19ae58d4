"""What this worker process is doing, counted where it happens and reported by its beat."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HOST = socket.gethostname()
WORKER = f"{HOST}:{os.getpid()}"


class Permits:
    """Limits the Bedrock calls of this process; further threads prepare or finish other items.

    in_use: calls that run; whoever has a permit and waits for the quota does not count.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.in_use = 0
        self._free = threading.Semaphore(limit)
        self._lock = threading.Lock()

    @contextmanager
    def held(self, patience: float | None = None) -> Iterator[bool]:
        """Waits for a permit and has it for the block.

        patience: seconds, without it as long as it takes. Yields whether it got one.
        """
        is_held = self._free.acquire(timeout=patience)
        try:
            yield is_held
        finally:
            if is_held:
                self._free.release()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Counts the block as a call; its thread holds a permit."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self.in_use += change


class Tally:
    """Counts finished and failed deliveries since the start."""

    def __init__(self) -> None:
        self.done = 0
        self.failed = 0
        self._lock = threading.Lock()

    def add(self, failed: bool) -> None:
        with self._lock:
            if failed:
                self.failed += 1
            else:
                self.done += 1


pool = ""
permits = Permits(1)
tally = Tally()


def begin(pool_name: str, limit: int) -> None:
    """Says which pool this process works for, with how many permits; called before work starts."""
    global pool, permits
    pool, permits = pool_name, Permits(limit)
