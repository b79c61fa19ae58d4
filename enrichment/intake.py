"""Hands received releases to the maintenance pool."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from enrichment import staging
from enrichment.models import Release
from enrichment.tasks import stage_release
from mangaassist import pausing
from mangaassist.celery import hand_over
from mangaassist.errors import Failure
from mangaassist.pools import MAINTENANCE

PATIENCE = timedelta(minutes=2)  # a message that no worker took by then counts as lost
MOST_AT_ONCE = 50


def dispatch() -> int:
    """Sends what nobody reads yet; returns how many.

    Raises the Failure when SQS takes none, so that the keeper waits longer before the next try.
    """
    staging.reclaim()
    if pausing.is_paused(MAINTENANCE.name):
        return 0
    due = _take()
    for sent, (release, delivery) in enumerate(due):
        try:
            # A group of its own for each delivery: that of a dead worker's message stays blocked.
            key = f"release:{release}:{delivery}"
            hand_over(stage_release, MAINTENANCE.queue, key, key, release, delivery)
        except Failure:
            _free(due[sent:])
            raise
    return len(due)


@transaction.atomic
def _take() -> list[tuple[int, int]]:
    """Gives each due release a new delivery, in a short transaction."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    due = list(
        Release.objects.filter(free, state=Release.State.RECEIVED)
        .order_by("pk")
        .select_for_update(skip_locked=True)
        .values_list("pk", "delivery")[:MOST_AT_ONCE]
    )
    Release.objects.filter(pk__in=[pk for pk, _ in due]).update(
        delivery=F("delivery") + 1, lease_until=Now() + PATIENCE
    )
    return [(pk, delivery + 1) for pk, delivery in due]


def _free(unsent: Sequence[tuple[int, int]]) -> None:
    for release, delivery in unsent:
        Release.objects.filter(pk=release, delivery=delivery).update(lease_until=None)
