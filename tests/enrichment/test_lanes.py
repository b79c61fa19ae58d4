"""A simulated pool: what the lanes mean for those who wait. Time is counted, not awaited."""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime

from enrichment.memory import MemoryStore
from enrichment.states import State
from enrichment.store import Outcome
from enrichment.window import LOW_HORIZON, Claimant, Lane, share, window

TICK = 1.0  # seconds
RATE = 12  # items ended per second
PERMITS = 25


class Pool:
    """Items leave the queue in the order in which they came, so many a second."""

    def __init__(self) -> None:
        self.store = MemoryStore(lambda: datetime(2026, 11, 23, tzinfo=UTC))
        self.lanes: dict[int, Lane] = {}
        self.queue: deque[tuple[int, int]] = deque()
        self.now = 0.0
        self.ended: dict[int, float] = {}  # job → when its last item ended

    def add(self, job: int, items: int, lane: Lane) -> None:
        self.lanes[job] = lane
        for _ in range(items):
            self.store.add(len(self.store.rows), job, "T")

    def run_until(self, job: int) -> float:
        """The seconds that have passed when the job has ended."""
        while any(count for state, count in self.store.counts(job).items() if state != State.DONE):
            self.tick()
        return self.ended[job]

    def tick(self) -> None:
        self.dispatch()
        for _ in range(min(int(RATE * TICK), len(self.queue))):
            item, delivery = self.queue.popleft()
            self.store.claim(item, delivery, "a:1")
            self.store.settle(item, delivery, Outcome(State.DONE))
            self.ended[self.store.rows[item].job] = self.now
        self.now += TICK

    def dispatch(self) -> None:
        outstanding = self.store.outstanding()
        held: Counter[Lane] = Counter()
        for job, count in outstanding.items():
            held[self.lanes[job]] += count
        wanting = [
            Claimant(job, 1, outstanding.get(job, 0), lane)
            for job, lane in self.lanes.items()
            if self.store.counts(job).get(State.PENDING)
        ]
        credit = window(RATE, PERMITS) - sum(outstanding.values())
        low_window = window(RATE, PERMITS, LOW_HORIZON)
        for job, quota in share(credit, wanting, held, low_window).items():
            self.queue += [(send.item, send.delivery) for send in self.store.dispatch(job, quota)]


def test_a_small_urgent_job_does_not_wait_for_the_weekly_run() -> None:
    pool = Pool()
    pool.add(1, 2_000, Lane.LOW)
    for _ in range(20):
        pool.tick()
    pool.add(2, 24, Lane.NORMAL)
    begun = pool.now
    assert pool.run_until(2) - begun <= LOW_HORIZON + 5
    assert pool.run_until(1) <= 2_000 / RATE + 5  # All of it is done as fast as without lanes.


def test_the_weekly_run_goes_on_beside_a_large_job() -> None:
    pool = Pool()
    pool.add(1, 100, Lane.LOW)
    pool.add(2, 3_000, Lane.NORMAL)
    assert pool.run_until(1) < pool.run_until(2) / 2
