"""What the page of the queues shows: each pool with its queue, its forecast and its last hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.forecast import forecast
from dashboard.past import highest, points, sums
from dashboard.queue_verdict import QueueFacts, judge_queue
from dashboard.snapshot import PoolLine, QueueLine, Reading, Snapshot
from dashboard.verdict import Verdict
from mangaassist import metrics
from mangaassist.metrics import history
from mangaassist.metrics.history import MINUTE, Past
from mangaassist.pools import POOLS, WORKER_POOLS, Pool
from mangaassist.scaling import measures
from mangaassist.scaling.forecast import Forecast, Outlook
from mangaassist.scaling.plan import Load

HOUR = 60  # minutes
DRAWN = (metrics.QUEUE_VISIBLE, metrics.OLDEST_MESSAGE_AGE, metrics.TASK_DURATION)

Minutes = list[float | None]  # a value for each minute of the last hour


@dataclass(frozen=True)
class Card:
    """One pool. queue, load, depth, age, ended: None for a pool that has no queue.

    load: also None when not measured; ended: pieces of work in each minute.
    """

    pool: Pool
    line: PoolLine
    verdict: Verdict
    forecast: Forecast
    queue: QueueLine | None = None
    load: Load | None = None
    depth: Minutes | None = None
    age: Minutes | None = None
    ended: Minutes | None = None


@dataclass(frozen=True)
class Board:
    """The cards, in the order of the pools."""

    at: datetime
    cards: list[Card]


def read(snapshot: Snapshot) -> Board:
    """Raises DatabaseError."""
    begin = snapshot.at - timedelta(minutes=HOUR + 1)
    past = history.read([metric.name for metric in DRAWN], MINUTE, begin)
    loads = measures.loads(WORKER_POOLS.values())
    cards = [_card(pool, snapshot, past, loads.get(pool.name)) for pool in POOLS.values()]
    return Board(snapshot.at, cards)


def _card(pool: Pool, snapshot: Snapshot, past: Past, load: Load | None) -> Card:
    line = next(one for one in snapshot.pools if one.name == pool.name)
    worker_pool = WORKER_POOLS.get(pool.name)
    if worker_pool is None:
        nothing = Forecast(Outlook.EMPTY)
        return Card(pool, line, _verdict(line, None, nothing), nothing)
    queue = next(one for one in snapshot.queues if one.name == worker_pool.queue.name)
    ahead = forecast(load, paused=bool(line.paused))
    over = history.begins(MINUTE, HOUR + 1, snapshot.at)[:-1]  # without the one that is not over
    return Card(
        pool, line, _verdict(line, queue, ahead), ahead, queue, load,
        highest(points(past, metrics.QUEUE_VISIBLE, Queue=queue.name), over),
        highest(points(past, metrics.OLDEST_MESSAGE_AGE, Queue=queue.name), over),
        [*sums(points(past, metrics.TASK_DURATION, Pool=pool.name), over, lambda one: one.count)],
    )  # fmt: skip


def _verdict(line: PoolLine, queue: QueueLine | None, ahead: Forecast) -> Verdict:
    return judge_queue(
        QueueFacts(
            pool=line.name,
            forecast=ahead,
            backlog=_value(line.backlog),
            oldest=_value(queue.oldest) if queue else 0.0,
            dead_letters=_value(queue.dead_letters) if queue else 0.0,
            used=100 * line.in_use / line.reserved,
            blocked=line.blocked,
            paused=line.paused,
            has_queue=queue is not None,
        )
    )


def _value(reading: Reading | None) -> float:
    return reading.value if reading else 0.0
