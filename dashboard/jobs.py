"""The jobs that the dashboard shows: all that are open, and the last ones that ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Now

from enrichment.models import Item, Job
from enrichment.progress import RATE_OVER, Counts, counts
from enrichment.states import State

MOST_OPEN, MOST_ENDED = 50, 5
LIVE = (Job.State.OPEN, Job.State.PAUSED)


@dataclass(frozen=True)
class JobLine:
    """One job. rate: items that ended in a second, lately; cost: USD so far; eta: seconds."""

    id: int
    name: str
    state: str
    total: int
    by_state: Mapping[str, int]
    done: int
    failed: int
    open: int
    running: int
    rate: float
    cost: Decimal
    begun: datetime

    @property
    def is_paused(self) -> bool:
        return self.state == Job.State.PAUSED

    @property
    def eta(self) -> float | None:
        """None while nothing moves."""
        return self.open / self.rate if self.open and self.rate else None

    @property
    def segments(self) -> Iterator[tuple[str, float, float]]:
        """Kind, begin and width of each part of the bar, in percent."""
        parts = (("done", self.done), ("failed", self.failed), ("running", self.running))
        begin = 0.0
        for kind, count in parts:
            width = 100 * count / self.total if self.total else 0.0
            if width:
                yield kind, round(begin, 2), round(width, 2)
            begin += width


def job_lines() -> list[JobLine]:
    """Open jobs, newest first, before those that ended last."""
    jobs = Job.objects.select_related("release").defer("kinds", "languages", "changes")
    shown = [
        *jobs.filter(state__in=LIVE).order_by("-created_at")[:MOST_OPEN],
        *jobs.filter(ended_at__isnull=False).order_by("-created_at")[:MOST_ENDED],
    ]
    ids = [job.pk for job in shown]
    by_job, rates, costs = counts(shown), _rates(ids), _costs(ids)
    return [
        _line(job, by_job[job.pk], rates.get(job.pk, 0.0), costs.get(job.pk, Decimal(0)))
        for job in shown
    ]


def _line(job: Job, found: Counts, rate: float, cost: Decimal) -> JobLine:
    return JobLine(
        job.pk, job.release.name, job.state, found.total, found.by_state, found.done,
        found.failed, found.open, found.by_state.get(State.RUNNING, 0), rate, cost,
        job.created_at,
    )  # fmt: skip


def _rates(ids: Collection[int]) -> dict[int, float]:
    ended = Item.objects.filter(job__in=ids, ended_at__gt=Now() - RATE_OVER)
    rows = ended.exclude(state=State.CANCELLED).values_list("job").annotate(Count("pk"))
    return {job: count / RATE_OVER.total_seconds() for job, count in rows.order_by()}


def _costs(ids: Collection[int]) -> dict[int, Decimal]:
    rows = Item.objects.filter(job__in=ids).values_list("job").annotate(Sum("cost"))
    return dict(rows.order_by())
