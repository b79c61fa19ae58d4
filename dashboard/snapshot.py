"""What the dashboard shows at one instant: every number is read once, for all viewers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from dashboard.jobs import JobLine, job_lines
from dashboard.verdict import Facts, Verdict, judge
from mangaassist import metrics, presence
from mangaassist.alarms.definitions import Severity, State
from mangaassist.alarms.handling import handled_by
from mangaassist.alarms.report import states
from mangaassist.messages import Texts
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Metric
from mangaassist.models import MetricSample, PoolState, WorkerBeat
from mangaassist.pools import ENRICHMENT, POOLS, WORKER_POOLS, Pool
from mangaassist.resources import Queue

FRESH = timedelta(seconds=60)  # a gauge that is older is not shown as if it were true
EVALUATED = timedelta(minutes=2)  # alarms that nobody has looked at for longer say nothing
GAUGES = (
    metrics.QUEUE_VISIBLE, metrics.QUEUE_IN_FLIGHT, metrics.DLQ_DEPTH, metrics.BACKLOG,
    metrics.OLDEST_MESSAGE_AGE, metrics.WINDOW, metrics.OUTSTANDING, metrics.LIMITER_FACTOR,
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """A measured number, where it comes from, and when it was measured."""

    value: float
    source: str
    at: datetime

    def age(self, now: datetime) -> float:
        """In seconds."""
        return round((now - self.at).total_seconds(), 1)


@dataclass(frozen=True)
class PoolLine:
    """One pool. in_use, permits: of its living processes; reserved: permits of the whole pool;
    blocked: why, paused: by whom, both empty while it is not."""

    name: str
    processes: int
    in_use: int
    permits: int
    reserved: int
    backlog: Reading | None
    blocked: str
    paused: str = ""

    @property
    def used(self) -> int:
        """Percent of the living permits."""
        return round(100 * self.in_use / self.permits) if self.permits else 0


@dataclass(frozen=True)
class QueueLine:
    """One queue; None for what nobody has measured lately. oldest: in seconds."""

    name: str
    waiting: Reading | None
    in_flight: Reading | None
    dead_letters: Reading | None
    oldest: Reading | None


@dataclass(frozen=True)
class AlarmLine:
    """One alarm that rings. handled_by: who has taken it on, or muted it; else empty."""

    name: str
    kind: str
    severity: Severity
    title: Texts
    since: datetime
    value: float | None
    threshold: str
    handled_by: str = ""


@dataclass(frozen=True)
class Snapshot:
    """factor: of each model's quota that the limiter uses; window: how many items may be out."""

    at: datetime
    verdict: Verdict
    items: Mapping[str, int]
    jobs: list[JobLine]
    pools: list[PoolLine]
    queues: list[QueueLine]
    factors: Mapping[str, Reading]
    window: Reading | None
    outstanding: Reading | None
    alarms: list[AlarmLine]

    @property
    def total(self) -> int:
        """Items of the shown jobs."""
        return sum(self.items.values())


def take() -> Snapshot:
    """Reads everything now. Raises DatabaseError."""
    now = timezone.now()
    gauges = Gauges.read(now)
    jobs = job_lines()
    alive = list(WorkerBeat.objects.filter(beat_at__gt=now - presence.LOST_AFTER))
    pools = _pools(gauges, alive)
    evaluated, alarms = _alarms(now)
    facts = Facts(
        alarms=[(alarm.severity, alarm.title) for alarm in alarms],
        blocked={pool.name: pool.blocked for pool in pools if pool.blocked},
        keeper=any(beat.pool == presence.KEEPERS for beat in alive),
        evaluated=evaluated,
        open_items=sum(job.open for job in jobs if not job.is_paused),
        workers=next(pool.processes for pool in pools if pool.name == ENRICHMENT.name),
        paused={pool.name: pool.paused for pool in pools if pool.paused},
        held=[f"#{job.id} {job.name}" for job in jobs if job.held],
    )
    enrichment = {"Pool": ENRICHMENT.name}
    return Snapshot(
        at=now,
        verdict=judge(facts),
        items=_summed(job.by_state for job in jobs),
        jobs=jobs,
        pools=pools,
        queues=[_queue(pool.queue, gauges) for pool in WORKER_POOLS.values()],
        factors=gauges.by(metrics.LIMITER_FACTOR, "ModelId"),
        window=gauges.latest(metrics.WINDOW, enrichment),
        outstanding=gauges.latest(metrics.OUTSTANDING, enrichment),
        alarms=alarms,
    )


@dataclass(frozen=True)
class Gauges:
    """The latest samples of a minute."""

    now: datetime
    found: samples.Samples

    @classmethod
    def read(cls, now: datetime) -> Gauges:
        return cls(now, samples.read([one.name for one in GAUGES], now - FRESH, now))

    def latest(self, metric: Metric, dimensions: Mapping[str, str]) -> Reading | None:
        several = self.found.get((metric.name, samples.text(dimensions)))
        return _reading(several[-1]) if several else None

    def by(self, metric: Metric, dimension: str) -> dict[str, Reading]:
        """The latest of each value of a metric's only dimension."""
        return {
            json.loads(text)[dimension]: _reading(several[-1])
            for (name, text), several in sorted(self.found.items())
            if name == metric.name
        }


def _reading(sample: MetricSample) -> Reading:
    return Reading(sample.total / sample.count, sample.name, sample.at)


def _pools(gauges: Gauges, alive: list[WorkerBeat]) -> list[PoolLine]:
    states = PoolState.objects.in_bulk()
    return [_pool(pool, alive, gauges, states.get(pool.name)) for pool in POOLS.values()]


def _pool(pool: Pool, alive: list[WorkerBeat], gauges: Gauges, state: PoolState | None) -> PoolLine:
    mine = [beat for beat in alive if beat.pool == pool.name]
    is_blocked = state is not None and state.blocked_at is not None
    return PoolLine(
        pool.name,
        len(mine),
        sum(beat.in_use for beat in mine),
        sum(beat.permits for beat in mine),
        pool.permits,
        gauges.latest(metrics.BACKLOG, {"Pool": pool.name}),
        f"{state.code}: {state.message}" if state and is_blocked else "",
        state.paused_by if state else "",
    )


def _queue(queue: Queue, gauges: Gauges) -> QueueLine:
    of_queue = {"Queue": queue.name}
    return QueueLine(
        queue.name,
        gauges.latest(metrics.QUEUE_VISIBLE, of_queue),
        gauges.latest(metrics.QUEUE_IN_FLIGHT, of_queue),
        gauges.latest(metrics.DLQ_DEPTH, {"Queue": queue.dead_letters}),
        gauges.latest(metrics.OLDEST_MESSAGE_AGE, of_queue),
    )


def _alarms(now: datetime) -> tuple[bool, list[AlarmLine]]:
    """Whether somebody evaluates them, and those that ring, worst first."""
    found = states()
    newest = max((row.evaluated_at for _, row in found if row.evaluated_at), default=None)
    ringing = [
        AlarmLine(
            alarm.name, alarm.kind, Severity(row.severity), alarm.title, row.since, row.value,
            f"{alarm.comparison} {alarm.threshold:g}", handled_by(row, now),
        )
        for alarm, row in found
        if row.state == State.ALARM
    ]  # fmt: skip
    return newest is not None and now - newest <= EVALUATED, ringing


def _summed(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts of all jobs by state."""
    found: dict[str, int] = {}
    for counts in several:
        for state, count in counts.items():
            found[state] = found.get(state, 0) + count
    return found
