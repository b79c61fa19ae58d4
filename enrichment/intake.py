"""Hands received releases to the maintenance pool."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from enrichment import staging
from enrichment.models import Release
from enrichment.tasks import stage_release
from mangaassist.errors import Failure, explain
from mangaassist.pools import MAINTENANCE

PATIENCE = timedelta(minutes=2)  # a message that no worker took by then counts as lost
MOST_AT_ONCE = 50

log = structlog.get_logger(__name__)


def dispatch() -> int:
    """Sends what nobody reads yet; returns how many.

    Raises the Failure when SQS takes none, so that the keeper waits longer before the next try.
    """
    staging.reclaim()
    due = _take()
    for sent, (release, delivery) in enumerate(due):
        try:
            _send(release, delivery)
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


def _send(release: int, delivery: int) -> None:
    try:
        stage_release.apply_async(
            args=(release, delivery),
            queue=MAINTENANCE.queue.name,
            retry=False,
            # A group of its own for each delivery: that of a dead worker's message stays blocked.
            MessageGroupId=f"release:{release}:{delivery}",  # type: ignore[call-arg]
            MessageDeduplicationId=f"release:{release}:{delivery}",
        )
    except OperationalError as error:  # Celery's wrapping of what boto3 raised.
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise explain(cause, "sqs:SendMessage", f"queue {MAINTENANCE.queue.name}") from error
