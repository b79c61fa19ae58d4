"""How far a job is: counted from its items while it is open, frozen when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone

from enrichment.database import STORE
from enrichment.models import Job
from enrichment.states import ENDED, State

RATE_OVER = timedelta(seconds=30)


@dataclass(frozen=True)
class Progress:
    """One look at a job. rate: items ended per second lately; cost in USD."""

    total: int
    counts: dict[str, int]
    rate: float
    cost: Decimal

    @property
    def ended(self) -> int:
        return sum(count for state, count in self.counts.items() if state in ENDED)

    @property
    def done(self) -> int:
        return self.counts.get(State.DONE, 0)

    @property
    def failed(self) -> int:
        return self.ended - self.done - self.counts.get(State.CANCELLED, 0)

    @property
    def eta(self) -> float | None:
        """Seconds until everything has ended at the present rate; None while nothing moves."""
        return (self.total - self.ended) / self.rate if self.rate else None


def progress(job: Job) -> Progress:
    counts = job.counts if job.counts is not None else dict(STORE.counts(job.pk))
    cost = job.items.aggregate(cost=Sum("cost"))["cost"] or Decimal(0)
    return Progress(
        job.total, {str(state): count for state, count in counts.items()}, _rate(job), cost
    )


def _rate(job: Job) -> float:
    if job.ended_at is not None:
        return 0.0
    seconds = min(RATE_OVER, timezone.now() - job.created_at).total_seconds()
    ended = job.items.filter(ended_at__gt=Now() - RATE_OVER).exclude(state=State.CANCELLED).count()
    return ended / max(seconds, 1.0)
