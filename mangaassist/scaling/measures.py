"""What a pool has to do, read from the samples of all processes and from the workers' beats."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from mangaassist import claude, metrics, presence
from mangaassist.limiter.quota import quota_of
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Metric
from mangaassist.models import MetricSample, PoolState
from mangaassist.pools import WorkerPool
from mangaassist.scaling.plan import Load, Quota

MINUTE = timedelta(seconds=60)
TEN_MINUTES = timedelta(minutes=10)
# Gauges are taken every 5 or 10 s and reported every 10 s.
FRESH = timedelta(seconds=30)
GAUGES = (
    metrics.BACKLOG, metrics.OLDEST_MESSAGE_AGE, metrics.QUEUE_VISIBLE, metrics.LIMITER_FACTOR,
)  # fmt: skip
WORK = (
    metrics.TASK_DURATION, metrics.SNOOZES, metrics.DUPLICATES, metrics.INVOCATION_LATENCY,
    metrics.INPUT_TOKENS, metrics.OUTPUT_TOKENS,
)  # fmt: skip


@dataclass(frozen=True)
class Sum:
    """Of all values of a metric."""

    count: int
    total: float


@dataclass(frozen=True)
class Window:
    """What was measured in one stretch of time."""

    found: samples.Samples

    def of(self, metric: Metric, **dimensions: str) -> list[MetricSample]:
        """Samples that have at least these dimensions, oldest first."""
        wanted = dimensions.items()
        chosen = [
            sample
            for (name, text), several in self.found.items()
            if name == metric.name and wanted <= json.loads(text or "{}").items()
            for sample in several
        ]
        return sorted(chosen, key=lambda sample: sample.at)

    def sum(self, metric: Metric, **dimensions: str) -> Sum:
        chosen = self.of(metric, **dimensions)
        return Sum(sum(one.count for one in chosen), sum(one.total for one in chosen))

    def latest(self, metric: Metric, default: float, since: datetime, **dimensions: str) -> float:
        """The last value of a gauge; the default when none is fresh."""
        fresh = [one for one in self.of(metric, **dimensions) if one.at > since]
        return fresh[-1].total if fresh else default


def load(pool: WorkerPool) -> Load | None:
    """None when the pool's backlog is not known, now or a minute ago."""
    return loads([pool])[pool.name]


def loads(pools: Iterable[WorkerPool]) -> dict[str, Load | None]:
    """The same of several pools by their names, for little more than that of one."""
    now = timezone.now()
    gauges = Window(samples.read([one.name for one in GAUGES], now - MINUTE - FRESH, now))
    work = Work(now)
    stopped = set(
        PoolState.objects.exclude(blocked_at=None, paused_at=None).values_list("pool", flat=True)
    )
    return {
        pool.name: _load(pool, now, gauges, work, blocked=pool.name in stopped) for pool in pools
    }


def _load(
    pool: WorkerPool, now: datetime, gauges: Window, work: Work, *, blocked: bool
) -> Load | None:
    backlog = _backlog(gauges.of(metrics.BACKLOG, Pool=pool.name), now)
    if backlog is None:
        return None
    waits, growth = backlog
    ended, lately, fresh = _ended(work.minute, pool), work.of(pool), now - FRESH
    return Load(
        arrivals=max(0.0, ended / MINUTE.total_seconds() + growth),
        backlog=waits,
        ended=ended,
        seconds=_seconds(lately, pool),
        oldest=gauges.latest(metrics.OLDEST_MESSAGE_AGE, 0.0, fresh, Queue=pool.queue.name),
        visible=gauges.latest(metrics.QUEUE_VISIBLE, 0.0, fresh, Queue=pool.queue.name),
        living=presence.living(pool.name),
        blocked=blocked,
        quota=_quota(gauges, lately, pool, fresh),
    )


class Work:
    """What has ended lately, of all pools."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.minute = self._since(MINUTE)

    def of(self, pool: WorkerPool) -> Window:
        """The time that says how long work takes: ten minutes if nothing has ended in one."""
        if self.minute.sum(metrics.TASK_DURATION, Pool=pool.name).count:
            return self.minute
        return self._ten_minutes

    @cached_property
    def _ten_minutes(self) -> Window:
        return self._since(TEN_MINUTES)

    def _since(self, stretch: timedelta) -> Window:
        return Window(samples.read([one.name for one in WORK], self._now - stretch, self._now))


def _backlog(found: list[MetricSample], now: datetime) -> tuple[float, float] | None:
    """Pieces of work now, and how many more a second they have become in the last minute."""
    if not found or found[-1].at <= now - FRESH:
        return None
    last = found[-1]
    first = min(found, key=lambda one: abs(last.at - one.at - MINUTE))
    if last.at - first.at < MINUTE - FRESH:
        return None
    return last.total, (last.total - first.total) / (last.at - first.at).total_seconds()


def _ended(window: Window, pool: WorkerPool) -> int:
    """Deliveries that were work, and after which nothing is left to do but a retry."""
    all_ = window.sum(metrics.TASK_DURATION, Pool=pool.name).count
    snoozed = window.sum(metrics.SNOOZES, Pool=pool.name).total
    stale = window.sum(metrics.DUPLICATES, Pool=pool.name).total
    return max(0, all_ - round(snoozed + stale))


def _seconds(window: Window, pool: WorkerPool) -> float | None:
    """How long one piece of work holds a permit. Where calls are measured it is their time alone:
    a task may wait for the quota, and more workers would only make it wait longer."""
    ended = _ended(window, pool)
    if not ended:
        return None
    calls = window.sum(metrics.INVOCATION_LATENCY, Pool=pool.name)
    tasks = window.sum(metrics.TASK_DURATION, Pool=pool.name)
    return (calls if calls.count else tasks).total / 1_000 / ended


def _quota(gauges: Window, work: Window, pool: WorkerPool, fresh: datetime) -> Quota | None:
    calls = work.sum(metrics.INVOCATION_LATENCY, Pool=pool.name)
    read = work.sum(metrics.INPUT_TOKENS, Pool=pool.name).total
    written = work.sum(metrics.OUTPUT_TOKENS, Pool=pool.name).total
    if not pool.models or not calls.count or not read + written:
        return None
    model = getattr(settings, pool.models[0])  # A worker pool calls one model.
    allowed = quota_of(model)
    return Quota(
        requests=allowed.requests * 60,
        tokens=allowed.tokens * 60,
        factor=gauges.latest(metrics.LIMITER_FACTOR, 1.0, fresh, ModelId=model),
        seconds=calls.total / 1_000 / calls.count,
        tokens_per_call=claude.find(model).quota_tokens(round(read), round(written)) / calls.count,
    )
