"""A queue in virtual time: the product's window and item store, without its processes.

Producer and workers do what `enrichment.dispatch`, `enrichment.reaper` and workers do, an hour in
seconds. The open producer sends everything at once and never again, as the runbooks' system did.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from enrichment.memory import MemoryStore
from enrichment.states import State
from enrichment.store import Outcome, Send
from enrichment.window import LOW_HORIZON, Claimant, Lane, fill, window

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DISPATCH_EVERY = 0.5  # seconds, as the keeper does
REAP_EVERY = 5.0
LATELY = 60.0  # seconds over which the product measures its throughput
CRASH_LIMIT = 3


@dataclass(frozen=True)
class Sent:
    """One tick in which the producer sent something; outstanding: before it."""

    at: float
    count: int
    outstanding: int
    window: int

    @property
    def too_many(self) -> bool:
        return self.outstanding + self.count > self.window


class Backlog:
    """Submitted items, their queue and their workers; time is in seconds from the start.

    permits and latency: what holds at a time, of which an item takes the latency of its begin.
    """

    def __init__(
        self,
        permits: Callable[[float], int],
        latency: Callable[[float], float],
        *,
        open_producer: bool = False,
    ) -> None:
        self.now = 0.0
        self.store = MemoryStore(lambda: START + timedelta(seconds=self.now))
        self.queue: deque[tuple[float, Send]] = deque()  # with the time of the send
        self.sent: list[Sent] = []
        self.max_depth = 0  # messages that wait, late ones of items sent again among them
        self.max_outstanding = 0
        self.max_age = 0.0  # of a message when a worker takes it
        self.ended = 0
        self._permits, self._latency, self._open = permits, latency, open_producer
        self._jobs: dict[int, tuple[int, Lane]] = {}  # weight and lane
        self._left: Counter[int] = Counter()  # items of each job that have not ended
        self._pending: Counter[int] = Counter()  # and of them those that are not sent
        self._items = count(1)
        self._running: list[tuple[float, int, int]] = []  # end, item, delivery; the next one first
        self._lately: deque[float] = deque()  # when the last items ended

    def submit(self, titles: int, weight: int = 1, lane: Lane = Lane.NORMAL) -> int:
        """Begins a job of so many titles now and returns its number."""
        job = len(self._jobs) + 1
        self._jobs[job] = weight, lane
        self._left[job] = self._pending[job] = titles
        for item in (next(self._items) for _ in range(titles)):
            self.store.add(item, job, f"title-{item}")
        return job

    def run(self, until: float, submissions: Iterable[tuple[float, int]] = ()) -> None:
        """Goes on until a time. submissions: (time, titles), in order."""
        coming = deque(submissions)
        while self.now < until:
            tick = self.now + DISPATCH_EVERY
            self._finish(tick)
            while coming and coming[0][0] <= tick:
                self.submit(coming.popleft()[1])
            if tick % REAP_EVERY == 0 and not self._open:
                self._reap()
            self._dispatch()
            self._take()

    def run_until_ended(self, job: int) -> float:
        """Goes on until a job has ended; returns the time."""
        while self._left[job]:
            self.run(self.now + DISPATCH_EVERY)
        return self.now

    def waiting(self) -> int:
        """Items that have not ended."""
        return len(self.store.rows)

    def throughput(self) -> float:
        while self._lately and self._lately[0] <= self.now - LATELY:
            self._lately.popleft()
        return len(self._lately) / LATELY

    def _reap(self) -> None:
        if self.store.reap(CRASH_LIMIT).unsent:
            pending = [row.job for row in self.store.rows.values() if row.state is State.PENDING]
            self._pending = Counter(pending)

    def _dispatch(self) -> None:
        rate, permits = self.throughput(), self._permits(self.now)
        before, limit = self.waiting() - self._pending.total(), window(rate, permits)
        if self._open:
            sends = [
                send
                for job, pending in (+self._pending).items()
                for send in self.store.dispatch(job, pending)
            ]
        else:
            sends = self._fill(limit - before, window(rate, permits, LOW_HORIZON))
        self._pending.subtract(self.store.rows[send.item].job for send in sends)
        self.store.confirm(sends)
        self.queue.extend((self.now, send) for send in sends)
        if sends:
            self.sent.append(Sent(self.now, len(sends), before, limit))
        self.max_outstanding = max(self.max_outstanding, before + len(sends))

    def _fill(self, credit: int, low_window: int) -> list[Send]:
        if not self._pending.total():
            return []
        claimants = []
        held: Counter[Lane] = Counter()
        for job, left in self._left.items():
            weight, lane = self._jobs[job]
            outstanding = left - self._pending[job]
            held[lane] += outstanding
            if self._pending[job]:
                claimants.append(Claimant(job, weight, outstanding, lane))
        return fill(self.store, credit, claimants, held, low_window)

    def _take(self) -> None:
        self.max_depth = max(self.max_depth, len(self.queue))
        while self.queue and len(self._running) < self._permits(self.now):
            sent_at, send = self.queue.popleft()
            self.max_age = max(self.max_age, self.now - sent_at)
            known = send.item in self.store.rows
            if known and self.store.claim(send.item, send.delivery, "worker"):
                end = self.now + self._latency(self.now)
                heapq.heappush(self._running, (end, send.item, send.delivery))

    def _finish(self, until: float) -> None:
        """Ends the items that are due, each at its time; another begins in its place."""
        while self._running and self._running[0][0] <= until:
            self.now, item, delivery = heapq.heappop(self._running)
            if self.store.settle(item, delivery, Outcome(State.DONE)):
                self.ended += 1
                self._lately.append(self.now)
                self._left[self.store.rows[item].job] -= 1
                del self.store.rows[item]  # An hour's ended items would only slow the store down.
            self._take()
        self.now = until


def steps(*points: tuple[float, Any]) -> Callable[[float], Any]:
    """A function of time that has each point's value from its time on."""
    times = [time for time, _ in points]
    return lambda time: points[bisect_right(times, time) - 1][1]


# The runbooks' second incident: 500 titles a minute while the model slows down for half an hour.
PERMITS = 25
BATCH, BATCH_EVERY = 125, 15.0  # titles, seconds
HOUR = 3_600.0
FAST, SLOW = 2.0, 8.0  # seconds that a call takes
SLOWS_AT, RECOVERS_AT = 600.0, 2_400.0


def hour(*, open_producer: bool = False) -> Backlog:
    """The incident's hour, with the window or with an open producer."""
    latency = steps((0, FAST), (SLOWS_AT, SLOW), (RECOVERS_AT, FAST))
    backlog = Backlog(lambda time: PERMITS, latency, open_producer=open_producer)
    batches = int(HOUR / BATCH_EVERY)
    backlog.run(HOUR, ((number * BATCH_EVERY, BATCH) for number in range(batches)))
    return backlog
