"""What a worker knows about its connection to SQS, for reports and for the watchdog."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Health:
    """Written by the receiving threads, read by anybody; each field is a single assignment."""

    polled_at: float | None = None  # Unix time of the last good receive
    polled_monotonic: float | None = None  # the same instant on the monotonic clock
    quiet_since: float = field(default_factory=time.monotonic)  # last good receive or full window
    failures: int = 0  # failed receives in a row
    error: str | None = None  # why the last receive failed; None after a good one
    unacked: int = 0  # messages held: running and prefetched

    def polled(self) -> None:
        """A receive was answered."""
        self.polled_at = time.time()
        self.polled_monotonic = self.quiet_since = time.monotonic()
        self.failures = 0
        self.error = None

    def failed(self, error: str) -> None:
        """A receive was refused or not answered."""
        self.failures += 1
        self.error = error

    def full(self) -> None:
        """The window is full, so not receiving is what a healthy worker does."""
        self.quiet_since = time.monotonic()


state = Health()
