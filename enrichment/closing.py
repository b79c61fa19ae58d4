"""Ends jobs that have nothing left to do, and freezes their counts and cost."""

from __future__ import annotations

from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from enrichment.database import STORE
from enrichment.models import Item, Job
from enrichment.states import OPEN, State

log = structlog.get_logger(__name__)


def close_jobs() -> int:
    """Closes what has ended. Returns how many jobs it closed."""
    for job in Job.objects.filter(state=Job.State.CANCELLED, ended_at=None):
        STORE.cancel(job.pk)  # An item that was running at the cancellation may have come back.
    unfinished = Item.objects.filter(job=OuterRef("pk"), state__in=OPEN)
    ended = Job.objects.filter(~Exists(unfinished), ended_at=None).values_list("pk", flat=True)
    return sum(close(job) for job in list(ended))


@transaction.atomic
def close(job_id: int) -> bool:
    """Freezes one job. False when a keeper was quicker, or staff retried items meanwhile."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.ended_at is not None or job.items.filter(state__in=OPEN).exists():
        return False
    job.counts = dict(STORE.counts(job_id))
    job.cost = job.items.aggregate(cost=Sum("cost"))["cost"] or Decimal(0)
    job.ended_at = timezone.now()
    if job.held:  # People were told of that, not of the end.
        job.held, job.mailed_at, job.posted_at = False, None, None
    if job.state != Job.State.CANCELLED:
        all_done = job.counts.get(State.DONE, 0) == job.total
        job.state = Job.State.DONE if all_done else Job.State.FAILED
    job.save(
        update_fields=["counts", "cost", "ended_at", "state", "held", "mailed_at", "posted_at"]
    )
    log.info("job_ended", job=job_id, state=job.state, **job.counts)
    return True
