"""How far jobs are: counted from their items while they are open, frozen when they have ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Now
from django.utils import timezone

from enrichment.models import Item, Job
from enrichment.states import ENDED, State

RATE_OVER = timedelta(seconds=30)


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


def _rate(job: Job) -> float:
    if job.ended_at is not None:
        return 0.0
    seconds = min(RATE_OVER, timezone.now() - job.created_at).total_seconds()
    ended = job.items.filter(ended_at__gt=Now() - RATE_OVER).exclude(state=State.CANCELLED).count()
    return ended / max(seconds, 1.0)
