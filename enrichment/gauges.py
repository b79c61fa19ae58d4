"""What is true of items, releases and jobs at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from enrichment.database import STORE
from enrichment.models import Item, Job, Release, Unindexed
from enrichment.pace import throughput
from enrichment.states import State
from enrichment.window import window
from mangaassist import gauges, metrics, presence
from mangaassist.gauges import Reading
from mangaassist.pools import ENRICHMENT, MAINTENANCE

STUCK_AFTER = timedelta(minutes=10)
READING = (Release.State.RECEIVED, Release.State.STAGING)


def sample_items() -> None:
    """Keeper duty."""
    gauges.record(items())


def items() -> Iterator[Reading]:
    """Where items wait and how long, how many may be outstanding, and how many jobs are stuck."""
    pool = {"Pool": ENRICHMENT.name}
    queue = {"Queue": ENRICHMENT.queue.name}
    unpaused = Item.objects.filter(state=State.PENDING).exclude(job__state=Job.State.PAUSED)
    pending, outstanding = unpaused.count(), sum(STORE.outstanding().values())
    sent = Item.objects.filter(state=State.QUEUED).aggregate(first=Min("queued_at"))["first"]
    begun = _waiting_jobs().aggregate(first=Min("created_at"))["first"]
    yield metrics.PENDING, pending, pool
    yield metrics.OUTSTANDING, outstanding, pool
    yield metrics.BACKLOG, pending + outstanding, pool
    yield metrics.WINDOW, window(throughput(), presence.permits(ENRICHMENT.name)), pool
    yield metrics.OLDEST_PENDING_AGE, _age(begun), pool
    yield metrics.OLDEST_MESSAGE_AGE, _age(sent), queue
    yield metrics.JOBS_STUCK, stuck_jobs().count(), {}
    unwritten = Unindexed.objects.filter(version=None)
    changes = unwritten.aggregate(all=Count("pk"), first=Min("changed_at"))
    yield metrics.UNINDEXED, changes["all"], {}
    yield metrics.SEARCH_LAG, _age(changes["first"]), {}
    reading = Release.objects.filter(state__in=READING).count()
    yield metrics.BACKLOG, reading, {"Pool": MAINTENANCE.name}


def stuck_jobs() -> QuerySet[Job]:
    """Open jobs of which no item has begun or ended for ten minutes."""
    recently = Now() - STUCK_AFTER
    mine = Item.objects.filter(job=OuterRef("pk"))
    ended = mine.filter(ended_at__gt=recently)
    begun = mine.filter(state=State.RUNNING, started_at__gt=recently)
    old = Job.objects.filter(state=Job.State.OPEN, created_at__lt=recently)
    return old.exclude(Exists(ended)).exclude(Exists(begun))


def _waiting_jobs() -> QuerySet[Job]:
    waiting = Item.objects.filter(job=OuterRef("pk"), state=State.PENDING)
    return Job.objects.filter(Exists(waiting), state=Job.State.OPEN)


def _age(since: datetime | None) -> float:
    """Seconds; 0 for nothing. Clocks of two machines may differ a little."""
    return 0.0 if since is None else max(0.0, (timezone.now() - since).total_seconds())
