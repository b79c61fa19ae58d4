"""When comparisons with the catalogue run, and how they get to the maintenance pool."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from enrichment.findings import Reconciliation
from enrichment.reconciliation import one_at_a_time
from enrichment.tasks import reconcile
from mangaassist import pausing
from mangaassist.celery import hand_over
from mangaassist.pools import MAINTENANCE

PATIENCE = timedelta(minutes=2)  # a run that got no further for so long is sent again


@transaction.atomic
def begin_scheduled() -> None:
    """Keeper duty: a run that repairs what is free, over what ended since the one before."""
    one_at_a_time()
    before = Reconciliation.objects.filter(job=None, created_by=None).order_by("pk").last()
    now = timezone.now()
    every = timedelta(hours=settings.RECONCILE_HOURS)
    if before is not None and (before.ended_at is None or before.created_at > now - every):
        return
    # An hour more than needed: an item that ended just before that look may be in neither.
    since = (before.created_at if before else now - every) - timedelta(hours=1)
    Reconciliation.objects.create(repair=Reconciliation.Repair.FREE, since=since)


def dispatch() -> int:
    """Keeper duty: sends what nobody works on; returns how many.

    Raises the Failure when SQS takes none.
    """
    if pausing.is_paused(MAINTENANCE.name):
        return 0
    due = _take()
    for pk, beat in due:
        key = f"reconciliation:{pk}:{beat}"
        hand_over(reconcile, MAINTENANCE.queue, key, key, pk)
    return len(due)


@transaction.atomic
def _take() -> list[tuple[int, str]]:
    idle = Q(beat_at=None) | Q(beat_at__lt=Now() - PATIENCE)
    now = timezone.now()
    due = Reconciliation.objects.filter(idle, ended_at=None).select_for_update(skip_locked=True)
    runs = list(due.order_by("pk").values_list("pk", flat=True))
    Reconciliation.objects.filter(pk__in=runs).update(beat_at=now)
    return [(pk, f"{now:%Y%m%dT%H%M%S%f}") for pk in runs]
