"""The share of the quota that a process holds by itself while Redis is gone."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mangaassist.limiter.quota import (
    BURST,
    CUT,
    CUT_EVERY,
    LEAST_FACTOR,
    RECOVERY,
    Answer,
    Quota,
)


@dataclass
class Buckets:
    """The arithmetic of script.lua for one process; `now` is any steady clock in seconds."""

    requests: float = math.inf  # infinite ones are full
    tokens: float = math.inf
    at: float = 0.0
    factor: float = 1.0  # at the last cut
    cut: float = -math.inf

    def acquire(self, now: float, quota: Quota, floor: float, cost: float) -> Answer:
        factor = self._factor(now)
        rates = quota.part(factor)
        requests, request_wait = self._look(self.requests, now, rates.requests, floor, 1)
        tokens, token_wait = self._look(self.tokens, now, rates.tokens, floor, cost)
        wait = max(request_wait, token_wait)
        if wait > 1e-6:
            return Answer(wait, "requests" if request_wait > token_wait else "tokens", factor)
        self.requests, self.tokens, self.at = requests - 1, tokens - cost, now
        return Answer(0.0, "", factor)

    def settle(self, refund: float) -> None:
        self.tokens += refund

    def throttled(self, now: float, quota: Quota) -> None:
        if now - self.cut < CUT_EVERY:
            return
        factor = self._factor(now)
        rate = quota.tokens * factor
        self.requests, self.tokens = 0.0, self._level(self.tokens, now, rate, rate * BURST)
        self.at = self.cut = now
        self.factor = max(LEAST_FACTOR, factor * CUT)

    def _factor(self, now: float) -> float:
        return min(1.0, self.factor + RECOVERY * max(0.0, now - self.cut))

    def _look(
        self, held: float, now: float, rate: float, floor: float, cost: float
    ) -> tuple[float, float]:
        burst = max(rate * BURST, cost / (1 - floor))
        level = self._level(held, now, rate, burst)
        return level, (floor * burst + cost - level) / rate

    def _level(self, held: float, now: float, rate: float, burst: float) -> float:
        return min(burst, held + rate * max(0.0, now - self.at))


class LocalShare:
    """The buckets of this process. Its permits are counted where its threads take them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Buckets()
        self._quota = Quota(0.0, 0.0)
        self._clock = clock
        self._lock = threading.Lock()

    def acquire(self, tokens: int, quota: Quota) -> Answer:
        """Asks for one call of so many tokens.

        quota: this process's own at the moment; other pools have theirs, so it has no floor.
        """
        with self._lock:
            self._quota = quota
            return self._buckets.acquire(self._clock(), quota, 0.0, tokens)

    def settle(self, lease: str, refund: int) -> None:
        with self._lock:
            self._buckets.settle(refund)

    def throttled(self) -> None:
        with self._lock:
            self._buckets.throttled(self._clock(), self._quota)
