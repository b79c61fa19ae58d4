"""How far jobs are: counted from their items while they are open, frozen when they have ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone

from enrichment.models import Item, Job
from enrichment.states import ENDED, OUTSTANDING, State
from mangaassist import presence
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT

RATE_OVER = timedelta(seconds=30)
THROUGHPUT_OVER = timedelta(seconds=60)


@dataclass(frozen=True)
class Counts:
    """A job's items by state; states without items are absent."""

    total: int
    by_state: dict[str, int]

    @property
    def done(self) -> int:
        return self.by_state.get(State.DONE, 0)

    @property
    def cancelled(self) -> int:
        return self.by_state.get(State.CANCELLED, 0)

    @property
    def failed(self) -> int:
        """Failed, refused and quarantined: what staff may retry."""
        return self.ended - self.done - self.cancelled

    @property
    def ended(self) -> int:
        return sum(count for state, count in self.by_state.items() if state in ENDED)

    @property
    def open(self) -> int:
        return self.total - self.ended


@dataclass(frozen=True)
class Progress:
    """One look at a job. rate: items ended per second lately; cost in USD."""

    counts: Counts
    rate: float
    cost: Decimal

    @property
    def eta(self) -> float | None:
        """Seconds until everything has ended at the present rate; None while nothing moves."""
        return self.counts.open / self.rate if self.rate else None


def throughput() -> float:
    """Items ended per second over the last minute, of all jobs."""
    ended = Item.objects.filter(ended_at__gt=Now() - THROUGHPUT_OVER).exclude(state=State.CANCELLED)
    return ended.count() / THROUGHPUT_OVER.total_seconds()


def progress(job: Job) -> Progress:
    cost = job.items.aggregate(cost=Sum("cost"))["cost"] or Decimal(0)
    return Progress(counts([job])[job.pk], _rate(job), cost)


def counts(jobs: Iterable[Job]) -> dict[int, Counts]:
    """The counts of each job by its id, in at most one query for all of them."""
    found = {job.pk: Counts(job.total, dict(job.counts or {})) for job in jobs}
    live = [job.pk for job in jobs if job.counts is None]
    rows = Item.objects.filter(job__in=live).values_list("job", "state").annotate(Count("pk"))
    for job, state, count in rows.order_by() if live else ():
        found[job].by_state[state] = count
    return found


def obstacles(job: Job) -> list[str]:
    """Why the items of an open job do not move, and what to do, one sentence each."""
    if not job.items.exclude(state__in=ENDED).exists():
        return ["Every item has ended, but nobody closes the job. Start a keeper: manage.py keeper"]
    found = []
    blocked = PoolState.objects.filter(pool=ENRICHMENT.name, blocked_at__isnull=False).first()
    if blocked is not None:
        found.append(f"The {blocked.pool} pool is blocked, {blocked.code}: {blocked.message}")
    if not presence.permits(ENRICHMENT.name):
        found.append(f"No worker is alive. Start one: manage.py worker {ENRICHMENT.name}")
    if not found and _unsent(job):
        found.append("Items are due, but nobody sends them. Start a keeper: manage.py keeper")
    return found


def _unsent(job: Job) -> bool:
    due = Q(not_before=None) | Q(not_before__lte=Now())
    return (
        job.items.filter(due, state=State.PENDING).exists()
        and not Item.objects.filter(state__in=OUTSTANDING).exists()
    )


def _rate(job: Job) -> float:
    if job.ended_at is not None:
        return 0.0
    seconds = min(RATE_OVER, timezone.now() - job.created_at).total_seconds()
    ended = job.items.filter(ended_at__gt=Now() - RATE_OVER).exclude(state=State.CANCELLED).count()
    return ended / max(seconds, 1.0)
