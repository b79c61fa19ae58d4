"""How far jobs are: by their ledger while they are open, frozen when they have ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Now
from django.utils import timezone

from enrichment.ledger import LedgerEntry
from enrichment.models import Item, Job
from enrichment.states import ENDED, State
from mangaassist.scaling.forecast import Forecast, Outlook, drains

RATE_OVER = timedelta(seconds=30)


@dataclass(frozen=True)
class Counts:
    """A job's items by state; states without items are absent."""

    total: int
    by_state: dict[str, int]

    def __hash__(self) -> int:
        return hash((self.total, *sorted(self.by_state.items())))

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
    """One look at a job. rate: items ended per second lately; cost in USD; seconds: over which the
    rate was counted."""

    counts: Counts
    rate: float
    cost: Decimal
    seconds: float = RATE_OVER.total_seconds()

    @property
    def eta(self) -> float | None:
        """Seconds until everything has ended at the present rate; None while nothing moves."""
        return self.counts.open / self.rate if self.rate else None

    @property
    def forecast(self) -> Forecast:
        """STALLED while nothing moves."""
        if not self.counts.open:
            return Forecast(Outlook.EMPTY)
        if not self.rate:
            return Forecast(Outlook.STALLED)
        return drains(self.counts.open, self.rate, ended=self.rate * self.seconds)

    @property
    def projected(self) -> Decimal | None:
        """USD when all have ended, if the rest costs what the others did; None before the first."""
        worked = self.counts.done + self.counts.failed
        return self.cost + self.cost / worked * self.counts.open if worked else None


def progress(job: Job) -> Progress:
    return progresses([job])[job.pk]


def progresses(jobs: Collection[Job]) -> dict[int, Progress]:
    """The progress of each job by its id, in two queries for all of them."""
    counted, ended = _counted(jobs), _ended_lately(jobs)
    now = timezone.now()
    found = {}
    for job in jobs:
        seconds = max(1.0, min(RATE_OVER, now - job.created_at).total_seconds())
        rate, (numbers, cost) = ended.get(job.pk, 0) / seconds, counted[job.pk]
        found[job.pk] = Progress(numbers, rate, cost, seconds)
    return found


def counts(jobs: Collection[Job]) -> dict[int, Counts]:
    """The counts of each job by its id, in at most one query for all of them."""
    return {job: found for job, (found, _) in _counted(jobs).items()}


def _counted(jobs: Collection[Job]) -> dict[int, tuple[Counts, Decimal]]:
    """Counts and cost of each job by its id: to count the items themselves would take too long."""
    by_state: dict[int, dict[str, int]] = {job.pk: {} for job in jobs}
    costs = {job.pk: Decimal(0) for job in jobs}
    live = [job.pk for job in jobs if job.counts is None or job.cost is None]
    entries = LedgerEntry.objects.filter(job__in=live).values_list("job", "state").order_by()
    for job, state, items, cost in entries.annotate(Sum("items"), Sum("cost")) if live else ():
        costs[job] += cost
        if items:
            by_state[job][state] = items
    return {
        job.pk: (
            Counts(job.total, by_state[job.pk] if job.counts is None else dict(job.counts)),
            costs[job.pk] if job.cost is None else job.cost,
        )
        for job in jobs
    }


def _ended_lately(jobs: Iterable[Job]) -> dict[int, int]:
    live = [job.pk for job in jobs if job.ended_at is None]
    ended = Item.objects.filter(job__in=live, ended_at__gt=Now() - RATE_OVER)
    rows = ended.exclude(state=State.CANCELLED).values_list("job").annotate(Count("pk"))
    return dict(rows.order_by()) if live else {}
