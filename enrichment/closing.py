"""Ends jobs that have nothing left to do: freezes their counts and tells people."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from enrichment.database import STORE
from enrichment.models import Item, Job
from enrichment.notices import notify
from enrichment.states import OPEN, State

log = structlog.get_logger(__name__)


def close_jobs() -> int:
    """Closes what has ended and sends outstanding notices. Returns how many jobs it closed."""
    for job in Job.objects.filter(state=Job.State.CANCELLED, ended_at=None):
        STORE.cancel(job.pk)  # An item that was running at the cancellation may have come back.
    unfinished = Item.objects.filter(job=OuterRef("pk"), state__in=OPEN)
    ended = Job.objects.filter(~Exists(unfinished), ended_at=None).values_list("pk", flat=True)
    closed = sum(close(job) for job in list(ended))
    for job in Job.objects.filter(ended_at__isnull=False, notified_at=None):
        tell(job.pk)
    return closed


@transaction.atomic
def close(job_id: int) -> bool:
    """Freezes one job. False when a keeper was quicker, or staff retried items meanwhile."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.ended_at is not None or job.items.filter(state__in=OPEN).exists():
        return False
    job.counts = dict(STORE.counts(job_id))
    job.ended_at = timezone.now()
    if job.state == Job.State.OPEN:
        all_done = job.counts.get(State.DONE, 0) == job.total
        job.state = Job.State.DONE if all_done else Job.State.FAILED
    job.save(update_fields=["counts", "ended_at", "state"])
    log.info("job_ended", job=job_id, state=job.state, **job.counts)
    return True


@transaction.atomic
def tell(job_id: int) -> None:
    """Sends a job's notice once; a keeper that holds the row keeps others from sending it too."""
    job = (
        Job.objects.select_for_update(skip_locked=True).filter(pk=job_id, notified_at=None).first()
    )
    if job is not None and job.ended_at is not None and notify(job):
        job.notified_at = timezone.now()
        job.save(update_fields=["notified_at"])
