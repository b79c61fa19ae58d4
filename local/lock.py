"""A lock that lives exactly as long as its holder or any child that inherited its descriptor."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

POLL = 0.05  # seconds


class Locked(Exception):
    """Somebody else holds the lock; `holder` is what that one wrote, its process id."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is held by process {holder}")
        self.holder = holder


class Lock:
    """An flock on a file: unlike a file with a process id, it cannot outlive a crash."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self, timeout: float = 0.0) -> None:
        """Takes the lock. Raises Locked when it is still held after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self._try():
            if time.monotonic() >= deadline:
                raise Locked(self.path, self.holder())
            time.sleep(POLL)

    def write(self, holder: int) -> None:
        """Writes who holds the lock, for those who find it taken."""
        os.truncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(holder).encode(), 0)

    def holder(self) -> str:
        return os.pread(self.descriptor, 20, 0).decode()

    def release(self) -> None:
        os.close(self.descriptor)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock on this file."""
    if not path.exists():
        return False
    lock = Lock(path)
    try:
        lock.acquire()
    except Locked:
        return True
    else:
        return False
    finally:
        lock.release()
