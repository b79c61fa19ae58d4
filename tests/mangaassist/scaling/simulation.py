"""A pool on a virtual clock, with its autoscaler: workers that boot, metrics that lag."""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

from enrichment.window import window
from mangaassist.pools import WorkerPool
from mangaassist.scaling.autoscaler import Autoscaler
from mangaassist.scaling.plan import Load, Quota, Size

BOOT = 30  # seconds from the decision to a worker's first piece of work
LAG = 60  # seconds from a measurement to its being read
EVERY = 10  # seconds between two decisions


@dataclass
class Weather:
    """What comes from outside, by the second: arrivals, how long a call takes, calls that the model
    takes, and whether anything is measured."""

    arrivals: Callable[[int], float]
    seconds: Callable[[int], float] = lambda at: 2.0
    quota: float = math.inf  # calls per second
    measured: Callable[[int], bool] = lambda at: True


@dataclass
class Pool:
    """Runs in steps of a second; `sizes` and `ages` say afterwards how it went."""

    size: Size
    weather: Weather
    sizes: list[int] = field(default_factory=list)  # workers wanted, by the second
    ages: list[int] = field(default_factory=list)  # of the oldest message
    history: list[tuple[int, float, int]] = field(default_factory=list)  # backlog, seconds, ended
    _workers: int = 0
    _ready: int = 0
    _at: int = 0
    _booting: deque[int] = field(default_factory=deque)  # when each worker is there

    def workers(self, pool: WorkerPool) -> int:
        return self._workers

    def scale(self, size: Size, workers: int) -> None:
        more = workers - self._workers
        self._booting.extend([self._at + BOOT] * more)
        self._ready += min(0, more)
        self._workers = workers

    def tend(self) -> None:
        """Its workers need nothing."""

    def close(self) -> None:
        """Nothing is left of a simulation."""

    def run(self, seconds: int) -> Pool:
        self._pending, self._fraction = 0, 0.0
        self._queue: deque[int] = deque()  # when each message was sent
        self._running: list[float] = []  # when each ends
        self._ready = self._workers = self.size.least
        self._allowance = 0.0
        autoscaler = Autoscaler([self.size], self, self._load, now=lambda: self._at)
        for self._at in range(seconds):
            self._step(self._at)
            if self._at % EVERY == 0:
                autoscaler.act()
            self.sizes.append(self._workers)
        return self

    def _step(self, at: int) -> None:
        self._fraction += self.weather.arrivals(at)
        came, self._fraction = int(self._fraction), self._fraction % 1
        self._pending += came
        ended = self._end(at)
        self._send(at)
        self._begin(at)
        backlog = self._pending + len(self._queue) + len(self._running)
        self.history.append((backlog, self.weather.seconds(at), ended))
        self.ages.append(at - self._queue[0] if self._queue else 0)

    def _end(self, at: int) -> int:
        before = len(self._running)
        while self._running and self._running[0] <= at:
            heapq.heappop(self._running)
        while self._booting and self._booting[0] <= at:
            self._booting.popleft()
            self._ready += 1
        return before - len(self._running)

    def _send(self, at: int) -> None:
        rate = sum(ended for _, _, ended in self.history[-60:]) / 60
        room = window(rate, self._ready * self.size.permits)
        credit = min(self._pending, max(0, room - len(self._queue) - len(self._running)))
        self._pending -= credit
        self._queue.extend([at] * credit)

    def _begin(self, at: int) -> None:
        self._allowance = min(self._allowance, self.weather.quota) + self.weather.quota
        free = self._ready * self.size.permits - len(self._running)
        begun = int(min(len(self._queue), max(0, free), self._allowance))
        self._allowance -= begun
        for _ in range(begun):
            self._queue.popleft()
            heapq.heappush(self._running, at + self.weather.seconds(at))

    def _load(self, pool: WorkerPool) -> Load | None:
        """As it was LAG seconds ago."""
        seen = self._at - LAG
        if seen < 60 or not self.weather.measured(self._at):
            return None
        backlog = self.history[seen][0]
        minute = self.history[seen - 59 : seen + 1]
        ended = sum(one for _, _, one in minute)
        seconds = fmean(took for _, took, _ in minute)
        arrivals = ended / 60 + (backlog - self.history[seen - 60][0]) / 60
        quota = Quota(self.weather.quota * 60, math.inf, 1, seconds, 1)
        return Load(max(0, arrivals), backlog, ended, seconds, self.ages[seen], 0, 1, False,
                    quota if self.weather.quota < math.inf else None)  # fmt: skip

    @property
    def changes(self) -> list[int]:
        return [after - before for before, after in pairwise(self.sizes) if after != before]

    @property
    def turns(self) -> int:
        """How often it changed its mind about the direction."""
        return sum((one > 0) != (other > 0) for one, other in pairwise(self.changes))

    @property
    def shrunk_at(self) -> list[int]:
        return [at for at, (one, other) in enumerate(pairwise(self.sizes), 1) if other < one]
